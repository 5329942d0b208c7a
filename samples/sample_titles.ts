/** Titles by the company's vertical and size. A title with a comma needs quotes in the CSV: intended. */
const TITLE_TABLE = `
vendor commercial_smb | Founder; Managing Director; Head of Marketing; Marketing Manager; Partnerships Manager
vendor commercial_mm | VP Marketing; Head of Demand Generation; Director of Partnerships; Content Marketing Manager; Product Marketing Lead; Chief Revenue Officer
vendor enterprise | Chief Marketing Officer; VP, Demand Generation; Head of Analyst Relations; Director of Events; Regional Marketing Director; Director of Product Marketing
vendor enterprise_strategic | Chief Marketing Officer; SVP, Global Marketing; Senior Director, Industry Marketing; Head of Analyst Relations; Director of Brand; VP, Partner Ecosystem; Director of Field Marketing
merchant commercial_smb | Owner; General Manager; Online Shop Manager; Purchasing Manager; Sales Manager
merchant commercial_mm | Head of eCommerce; Marketing Director; eBusiness Manager; Category Manager; IT Director; Digital Product Owner
merchant enterprise | Chief Digital Officer; VP, Digital Commerce; Head of Customer Experience; Director of Marketplace Strategy; Head of eProcurement; Marketing Director
merchant enterprise_strategic | Chief Digital Officer; SVP, Digital Commerce; Senior Director, eProcurement; Global Head of Customer Experience; VP Marketing; Director of Marketplace Strategy; Head of Commerce Platforms
`;

const VENDOR_VERTICALS = new Set([
  '',
  'commerce platforms',
  'payments',
  'product data',
  'logistics',
  'search and merchandising',
  'systems integration',
  'marketing technology',
  'procurement software',
]);

const TITLES = new Map(
  TITLE_TABLE.trim()
    .split('\n')
    .map((line): [string, string[]] => {
      const [kind = '', titles = ''] = line.split('|').map((cell) => cell.trim());
      return [kind, titles.split('; ')];
    }),
);

/** The titles that occur in a company of this vertical and segment. */
export function sampleTitles(vertical: string, segment: string): string[] {
  const kind = VENDOR_VERTICALS.has(vertical) ? 'vendor' : 'merchant';
  const titles = TITLES.get(`${kind} ${segment}`);
  if (!titles) throw new Error(`no titles for ${kind} ${segment}`);
  return titles;
}
