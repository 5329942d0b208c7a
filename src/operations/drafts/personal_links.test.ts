import { describe, expect, it } from 'vitest';
import { personalLink } from './personal_links.ts';

describe('a profile', () => {
  it.each([
    ['https://www.linkedin.com/in/pat', 'https://www.linkedin.com/in/pat'],
    ['HTTPS://WWW.LinkedIn.com/in/pat?x=1#y', 'https://www.linkedin.com/in/pat?x=1#y'],
    ['https://www.linkedin.com:443/in/pat', 'https://www.linkedin.com/in/pat'],
    ['http://www.linkedin.com/in/pat', null],
    ['https://www.linkedin.com.evil.example/in/pat', null],
    ['https://www.linkedin.com@evil.example/in/pat', null],
    ['https://pat@www.linkedin.com/in/pat', null],
    ['https://www.linkedin.com:8443/in/pat', null],
    ['https://wwwxlinkedin.com/in/pat', null],
    ['https://www.linkedin.com\\@evil.example/', 'https://www.linkedin.com/@evil.example/'],
    ['javascript:alert(1)//https://www.linkedin.com/', null],
    ['//www.linkedin.com/in/pat', null],
    ['www.linkedin.com/in/pat', null],
    ['', null],
  ])('%s opens as %s', (given, link) => {
    expect(personalLink('linkedin', given, { subject: null, body: 'Hi' })).toBe(link);
  });
});

describe('an email', () => {
  it('fits into a link with any characters', () => {
    const link = personalLink('email', 'pat+x@prospect.example', {
      subject: 'R&D? 100% #1',
      body: "Hi,\nit's (us)&bcc=evil@z.test\r\n–",
    });
    expect(link).toBe(
      'mailto:pat%2Bx@prospect.example?subject=R%26D%3F%20100%25%20%231' +
        '&body=Hi%2C%0D%0Ait%27s%20%28us%29%26bcc%3Devil%40z.test%0D%0A%E2%80%93',
    );
    expect(new URL(link!).searchParams.get('bcc')).toBeNull();
  });

  it('opens without its text when too long for a link, and has no link without a recipient', () => {
    const mail = { subject: 'Hello', body: 'x' };
    expect(personalLink('email', 'pat@prospect.example', { ...mail, body: 'x'.repeat(2_000) })).toBe(
      'mailto:pat@prospect.example?subject=Hello',
    );
    expect(personalLink('email', 'a@b.example,evil@z.test', mail)).toBeNull();
    expect(personalLink('email', 'a@b.example\r\nBcc: evil@z.test', mail)).toBeNull();
  });
});
