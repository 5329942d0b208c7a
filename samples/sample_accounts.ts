/**
 * The invented companies behind samples/leads.csv, one to a line:
 * name | domain stem | country (ISO 3166) | time zone | vertical | segment | tier | marks
 * Segments: S commercial_smb, M commercial_mm, E enterprise, X enterprise_strategic.
 * Marks: abm (account-based marketing is active), customer (already a member).
 */
const ACCOUNT_TABLE = `
Brightpath Commerce, Inc. | brightpath-commerce | US | America/Chicago | commerce platforms | X | T1 | abm
Harlow, Finch & Daughters | harlow-finch | US | America/New_York | building materials | M | T2 |
Cedar Ledger Payments | cedar-ledger | US | America/New_York | payments | E | T1 |
Mesa Line Fasteners | mesa-line | US | America/Phoenix | industrial distribution | M | T2 |
Tallgrass Product Data | tallgrass-data | US | America/Chicago | product data | M | T2 |
Copperline Electrical Wholesale | copperline-electrical | US | America/Denver | electrical supplies | E | T2 |
Golden Sound Logistics | golden-sound | US | America/Los_Angeles | logistics | E | T1 |
Kenai Marine & Safety | kenai-marine | US | America/Anchorage | safety equipment | S | T3 |
Leilani Foodservice | leilani-foodservice | US | Pacific/Honolulu | food service supply | S | T3 |
O'Rourke & Sons Packaging, LLC | orourke-packaging | US | America/New_York | packaging | S | T3 |
Findwell Search | findwell-search | US | America/Los_Angeles | search and merchandising | M | T1 |
Prairie Hub Integration | prairie-hub | US | America/Chicago | systems integration | M | T2 |
Blue Heron Medical Supply | blue-heron-medical | US | America/New_York | medical supplies | E | T2 |
Quarry Street Software | quarry-street | US | America/Denver | procurement software | S | T2 |
Tidewater Chemicals Group | tidewater-chemicals | US | America/New_York | chemicals | X | T1 | abm
Lone Fork Auto Parts | lone-fork | US | America/Chicago | automotive parts | M | T3 |
Juniper & Rye Marketing Cloud | juniper-rye | US | America/Los_Angeles | marketing technology | M | T2 |
Stillwater Office Products | stillwater-office | US | America/Chicago | office supplies | S | T3 |
Ozark Ridge Farm Equipment | ozark-ridge | US | America/Chicago | agricultural equipment | M | T2 |
Northgate Commerce Collective | northgate-collective | US | America/New_York | | S | |
Laurentide Distribution Inc. | laurentide-distribution | CA | America/Toronto | industrial distribution | E | T2 | abm
Fraser Bend Commerce | fraser-bend | CA | America/Vancouver | commerce platforms | M | T2 | customer
Avalon Fisheries Supply | avalon-fisheries | CA | America/St_Johns | food service supply | S | T3 |
Érable & Fils, Emballages | erable-emballages | CA | America/Toronto | packaging | S | T3 |
Herrajes del Valle, S.A. de C.V. | herrajes-del-valle | MX | America/Mexico_City | building materials | M | T2 |
Nopal Pagos | nopal-pagos | MX | America/Mexico_City | payments | S | T3 |
Ipê Distribuidora Industrial | ipe-distribuidora | BR | America/Sao_Paulo | industrial distribution | E | T2 |
Maré Tecnologia | mare-tecnologia | BR | America/Sao_Paulo | commerce platforms | M | T2 | customer
Jacarandá Embalagens Ltda. | jacaranda-embalagens | BR | America/Sao_Paulo | packaging | S | T3 |
Ñandú Logística S.A. | nandu-logistica | AR | America/Argentina/Buenos_Aires | logistics | M | T3 |
Cordillera Insumos Médicos | cordillera-insumos | CL | America/Santiago | medical supplies | S | T3 |
Cafetal Integraciones S.A.S. | cafetal-integraciones | CO | America/Bogota | systems integration | S | T2 |
Altiplano Agro, S.A.C. | altiplano-agro | PE | America/Lima | agricultural equipment | S | T3 |
Thornbury Trade Supplies Ltd | thornbury-trade | GB | Europe/London | electrical supplies | E | T1 |
Penhallow & Wye | penhallow-wye | GB | Europe/London | marketing technology | S | T2 |
Marlstone Commerce Systems plc | marlstone-commerce | GB | Europe/London | commerce platforms | X | T1 | abm
Ashdown Catering Supply, Ltd | ashdown-catering | GB | Europe/London | food service supply | S | T3 |
Larkfield Product Data | larkfield-data | GB | Europe/London | product data | M | T2 | customer
Wren & Rook Partners | wren-rook | GB | Europe/London | | S | |
Ó Braonáin Agri Supplies | obraonain-agri | IE | Europe/Dublin | agricultural equipment | S | T3 |
Liffey Checkout | liffey-checkout | IE | Europe/Dublin | payments | M | T2 |
Hraunfoss Seafood Logistics ehf. | hraunfoss-logistics | IS | Atlantic/Reykjavik | logistics | S | T3 |
Brüggen & Sohn Werkzeughandel GmbH | brueggen-werkzeug | DE | Europe/Berlin | industrial distribution | X | T1 | abm
Schraubenkontor "Nordwind" GmbH | schraubenkontor-nordwind | DE | Europe/Berlin | industrial distribution | M | T2 |
Isartal Medizintechnik GmbH | isartal-medizin | DE | Europe/Berlin | medical supplies | E | T2 | abm
Datenquelle Produktinformation AG | datenquelle | DE | Europe/Berlin | product data | M | T2 | customer
Fährmann Logistik | faehrmann-logistik | DE | Europe/Berlin | logistics | S | T3 |
Ziegelhof Baustoffe GmbH | ziegelhof-baustoffe | DE | Europe/Berlin | building materials | M | T2 |
Donaublick Verpackungen | donaublick | AT | Europe/Vienna | packaging | S | T3 |
Säntis Zahlungssysteme AG | saentis-zahlung | CH | Europe/Zurich | payments | E | T1 |
Matériaux Lefèvre, Fils & Cie | materiaux-lefevre | FR | Europe/Paris | building materials | E | T2 |
Clairière Numérique | clairiere-numerique | FR | Europe/Paris | search and merchandising | M | T2 |
Garonne Agroéquipement | garonne-agro | FR | Europe/Paris | agricultural equipment | S | T3 |
Scheldeoever Chemie NV | scheldeoever-chemie | BE | Europe/Brussels | chemicals | M | T2 |
Van der Linden Groothandel B.V. | vanderlinden-groothandel | NL | Europe/Amsterdam | food service supply | E | T2 |
Polderlicht Software | polderlicht | NL | Europe/Amsterdam | procurement software | M | T2 |
Suministros Peñalver, S.L. | suministros-penalver | ES | Europe/Madrid | electrical supplies | M | T3 |
Azahar Comercio Digital | azahar-digital | ES | Europe/Madrid | systems integration | S | T2 |
Ribeirinha Têxteis, Lda. | ribeirinha-texteis | PT | Europe/Lisbon | textiles | S | T3 |
Ferramenta Bellacosta S.p.A. | ferramenta-bellacosta | IT | Europe/Rome | industrial distribution | E | T2 |
Ricambi D'Angelo S.r.l. | ricambi-dangelo | IT | Europe/Rome | automotive parts | M | T3 |
Björkdal Industri AB | bjorkdal-industri | SE | Europe/Stockholm | industrial distribution | E | T1 | abm
Nordlys Polarforsyning AS | nordlys-polar | NO | Europe/Oslo | safety equipment | M | T3 |
Østergade Emballage ApS | ostergade-emballage | DK | Europe/Copenhagen | packaging | S | T3 |
Järvenranta Tietotuote Oy | jarvenranta | FI | Europe/Helsinki | product data | M | T2 |
Żuraw Hurtownia Sp. z o.o. | zuraw-hurtownia | PL | Europe/Warsaw | building materials | M | T3 |
Wisła Integracja | wisla-integracja | PL | Europe/Warsaw | systems integration | S | T2 | customer
Řeka Obchodní Systémy | reka-systemy | CZ | Europe/Prague | commerce platforms | M | T2 |
Őrség Gyógyászati Kft. | orseg-gyogyaszati | HU | Europe/Budapest | medical supplies | S | T3 |
Țărmul Logistică S.R.L. | tarmul-logistica | RO | Europe/Bucharest | logistics | S | T3 |
Aigli Marine Supply | aigli-marine | GR | Europe/Athens | safety equipment | S | T3 |
Dzherelo Commerce | dzherelo-commerce | UA | Europe/Kyiv | commerce platforms | S | T2 |
Çınaraltı Yedek Parça A.Ş. | cinaralti-parca | TR | Europe/Istanbul | automotive parts | M | T3 |
Okonkwo Brothers, Ltd. | okonkwo-brothers | NG | Africa/Lagos | industrial distribution | M | T2 |
Harmattan Pay | harmattan-pay | NG | Africa/Lagos | payments | S | T2 |
Volta Ridge Medical Stores | volta-ridge | GH | Africa/Accra | medical supplies | S | T3 |
Savanna Crest Logistics | savanna-crest | KE | Africa/Nairobi | logistics | M | T2 |
Protea Vale Electrical (Pty) Ltd | protea-vale | ZA | Africa/Johannesburg | electrical supplies | E | T2 |
Drakensview Commerce | drakensview | ZA | Africa/Johannesburg | commerce platforms | S | T2 |
Qasr Packaging Co. | qasr-packaging | EG | Africa/Cairo | packaging | M | T3 |
Atlas Bleu Textiles | atlas-bleu | MA | Africa/Casablanca | textiles | S | T3 |
Rimal Trading FZ-LLC | rimal-trading | AE | Asia/Dubai | building materials | E | T1 | abm
Wadi Nakheel Industrial | wadi-nakheel | SA | Asia/Riyadh | industrial distribution | M | T2 |
Tamar Search Technologies | tamar-search | IL | Asia/Jerusalem | search and merchandising | M | T2 |
Neelkanth Commerce Cloud Pvt. Ltd. | neelkanth-cloud | IN | Asia/Kolkata | commerce platforms | X | T1 | abm
Kaveri Chemicals & Dyes | kaveri-chemicals | IN | Asia/Kolkata | chemicals | E | T2 |
Deccan Parts Bazaar | deccan-parts | IN | Asia/Kolkata | automotive parts | M | T3 |
Himchuli Agro Traders | himchuli-agro | NP | Asia/Kathmandu | agricultural equipment | S | T3 |
Serendib Leaf Foodservice | serendib-leaf | LK | Asia/Colombo | food service supply | S | T3 |
Ravi Bend Textiles | ravi-bend | PK | Asia/Karachi | textiles | M | T3 |
Shapla Garment Supply | shapla-supply | BD | Asia/Dhaka | textiles | S | T3 |
Mizunara Shōji K.K. | mizunara-shoji | JP | Asia/Tokyo | industrial distribution | X | T1 | abm
Hikari Denzai | hikari-denzai | JP | Asia/Tokyo | electrical supplies | M | T2 |
Dalbit Commerce Solutions | dalbit-commerce | KR | Asia/Seoul | commerce platforms | E | T2 | abm
Wutong Supply Chain Co., Ltd. | wutong-supply | CN | Asia/Shanghai | logistics | E | T2 |
Yushan Precision Tools | yushan-tools | TW | Asia/Taipei | industrial distribution | M | T2 |
Lion Terrace Payments | lion-terrace | HK | Asia/Hong_Kong | payments | M | T2 | customer
Merbau Procurement Pte. Ltd. | merbau-procurement | SG | Asia/Singapore | procurement software | E | T1 |
Sao Biển Packaging JSC | sao-bien | VN | Asia/Ho_Chi_Minh | packaging | S | T3 |
Mae Salong Foodservice | mae-salong | TH | Asia/Bangkok | food service supply | S | T3 |
PT Kenari Suku Cadang | kenari-parts | ID | Asia/Jakarta | automotive parts | M | T3 |
Bayanihan Health Supply, Inc. | bayanihan-health | PH | Asia/Manila | medical supplies | S | T2 |
Wattle Creek Industrial Pty Ltd | wattle-creek | AU | Australia/Sydney | industrial distribution | X | T1 | abm
Torrens Cellar & Catering Supply | torrens-catering | AU | Australia/Adelaide | food service supply | M | T3 |
Top End Mine Safety | top-end-safety | AU | Australia/Darwin | safety equipment | S | T2 |
Swan Bend Data | swan-bend | AU | Australia/Perth | product data | M | T2 |
Lord Howe Provedores | lord-howe-provedores | AU | Australia/Lord_Howe | food service supply | S | |
Kererū Office Supplies | kereru-office | NZ | Pacific/Auckland | office supplies | M | T2 |
Rēkohu Fish & Freight | rekohu-freight | NZ | Pacific/Chatham | logistics | S | |
Talofa Building Supply | talofa-building | WS | Pacific/Apia | building materials | S | T3 |
`;

const SEGMENTS: Record<string, string> = {
  S: 'commercial_smb',
  M: 'commercial_mm',
  E: 'enterprise',
  X: 'enterprise_strategic',
};

export type SampleAccount = {
  company: string;
  company_domain: string;
  country: string;
  time_zone: string;
  vertical: string;
  segment: string;
  icp_tier: string;
  abm_active: boolean;
  customer: boolean;
};

/** The table above as objects, in order. Domains end in `.example`, which cannot be registered (RFC 2606). */
export function sampleAccounts(): SampleAccount[] {
  return ACCOUNT_TABLE.trim().split('\n').map(readAccount);
}

function readAccount(line: string): SampleAccount {
  const cells = line.split('|').map((cell) => cell.trim());
  const cell = (index: number) => cells[index] ?? '';
  return {
    company: cell(0),
    company_domain: `${cell(1)}.example`,
    country: cell(2),
    time_zone: cell(3),
    vertical: cell(4),
    segment: SEGMENTS[cell(5)] ?? '',
    icp_tier: cell(6),
    abm_active: cell(7) === 'abm',
    customer: cell(7) === 'customer',
  };
}
