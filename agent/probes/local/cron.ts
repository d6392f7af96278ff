/** One job of a crontab (crontab(5)). */
export type CronJob = { readonly schedule: string; readonly user: string | undefined; readonly command: string };

const words = /^(@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly))\s+(.+)$/;
const fields = /^((?:[\d*/,\-A-Za-z~]+\s+){5})(.+)$/;
const assignment = /^[A-Za-z_][\w]*\s*=/;

/** @param withUser system crontabs have a user between schedule and command; a person's own have not. */
export const parseCrontab = (text: string, withUser: boolean): readonly CronJob[] =>
  text.split("\n").flatMap((raw) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || assignment.test(line)) return [];
    const match = words.exec(line) ?? fields.exec(line);
    if (!match) return [];
    const schedule = (match[1] ?? "").trim().replace(/\s+/g, " ");
    const rest = (match[2] ?? "").trim();
    if (!withUser) return [{ schedule, user: undefined, command: rest }];
    const named = /^(\S+)\s+(.+)$/.exec(rest);
    return named ? [{ schedule, user: named[1], command: named[2] ?? "" }] : [];
  });

/** /etc/anacrontab: period in days (or @monthly), delay in minutes, name, command. */
export const parseAnacrontab = (
  text: string,
): readonly { readonly name: string; readonly schedule: string; readonly command: string }[] =>
  text.split("\n").flatMap((raw) => {
    const match = /^(\d+|@\w+)\s+\d+\s+(\S+)\s+(.+)$/.exec(raw.trim());
    if (!match) return [];
    const period = match[1] ?? "";
    return [
      {
        name: match[2] ?? "",
        schedule: period.startsWith("@") ? period : `every ${period} days`,
        command: match[3] ?? "",
      },
    ];
  });
