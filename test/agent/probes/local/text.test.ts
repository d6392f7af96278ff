import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clip, maskSecrets, meaningful, parseAssignments } from "../../../../agent/probes/local/text.ts";

describe("texts of the system", () => {
  it("undoes the quoting of os-release and skips comments", () => {
    const fields = parseAssignments('# c\nID=debian\nPRETTY_NAME="Debian \\"12\\""\nA=\'b c\'\nnothing\n=x\n');
    expect(Object.fromEntries(fields)).toEqual({ ID: "debian", PRETTY_NAME: 'Debian "12"', A: "b c" });
  });

  it.each([
    "To Be Filled By O.E.M.",
    "Default string",
    "Not Specified",
    "None",
    "N/A",
    "  ",
    "System Serial Number",
    "00000000",
    "0123456789ABCDEF".slice(0, 0),
    "Unknown",
    "FFFFFFFF",
    "........",
  ])("takes %j for no value", (text) => {
    expect(meaningful(text)).toBeUndefined();
  });

  it.each(["7XQ4KZ3", "Nonesuch", "ThinkPad X1", "0PYXKY", "20XW005KGE"])("keeps %j", (text) => {
    expect(meaningful(` ${text}\0`)).toBe(text);
  });

  it.each([
    ["/usr/bin/backup --password=hunter2 --to x", "/usr/bin/backup --password=*** --to x"],
    ["mysqldump -u root --password 'a b' db", "mysqldump -u root --password *** db"],
    ["curl https://user:s3cret@example.org/x", "curl https://user:***@example.org/x"],
    ["API_KEY=abc123 /opt/run", "API_KEY=*** /opt/run"],
    ['DB_PASSWD="x y" run; echo done', "DB_PASSWD=*** run; echo done"],
    ["snmpget --community public host", "snmpget --community *** host"],
    ["/usr/sbin/sshd -D", "/usr/sbin/sshd -D"],
    ["/usr/lib/systemd/systemd-tokend read the token file", "/usr/lib/systemd/systemd-tokend read the token file"],
  ])("masks the secret in %j", (command, masked) => {
    expect(maskSecrets(command)).toBe(masked);
  });

  it("masks whatever stands behind a password option", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9%+,.^_-]{6,40}$/), (secret) => {
        fc.pre(!/pass|secret|token|key|cred|comm|auth/i.test(secret) && !"/opt/tool --password= run".includes(secret));
        expect(maskSecrets(`/opt/tool --password=${secret} run`)).not.toContain(secret);
      }),
    );
  });

  it("cuts between characters, not within one", () => {
    expect(clip("ab😀", 3)).toBe("ab");
    expect(clip("abc", 3)).toBe("abc");
  });
});
