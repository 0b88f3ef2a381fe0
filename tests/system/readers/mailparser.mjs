// What npm's mailparser finds in mails: a line of JSON for each file that is named on a line of
// the standard input. It must be run from where mailparser is installed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { simpleParser } = createRequire(`${process.cwd()}/`)('mailparser');

const addresses = (field) =>
  [].concat(field ?? []).flatMap(({ value }) => value)
    .flatMap((entry) => entry.group ?? [entry]).map(({ address }) => address).filter(Boolean);

const found = async (file) => {
  const mail = await simpleParser(readFileSync(file), { skipImageLinks: true });
  return {
    file,
    problems: [],
    subject: mail.subject ?? '',
    from: addresses(mail.from),
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    text: mail.text ?? '',
    files: mail.attachments.map(({ contentType, filename, content }) => ({
      type: contentType,
      name: filename ?? '',
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
};

for (const file of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  console.log(JSON.stringify(await found(file).catch(
    (error) => ({ file, problems: [String(error)] }))));
}
