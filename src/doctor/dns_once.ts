import type { DnsRecords } from '../connectors/connector.ts';

/** Asks each question once, however many mailboxes share a domain; a failure is the answer too. */
export function askedOnce(records: DnsRecords): DnsRecords {
  const once = (ask: (name: string) => Promise<string[]>) => {
    const answers = new Map<string, Promise<string[]>>();
    return (name: string) => {
      const key = name.toLowerCase();
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = ask(name);
      answers.set(key, answer);
      return answer;
    };
  };
  return { txt: once(records.txt), a: once(records.a), aaaa: once(records.aaaa), mx: once(records.mx) };
}
