import type { CSSProperties } from "react";
import type { VisitorDays as Days } from "../../../shared/model/visitor.ts";
import { formatCount } from "./value.ts";

const DAY_MS = 86_400_000;
const dayNames = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", timeZone: "UTC" });
const dateNames = new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "UTC" });

/** A row for each network, a column for each day; the more came, the darker. */
export const VisitorDays = ({ days: { from, through, items } }: { readonly days: Days }) => {
  const [first, last] = [Date.parse(from), Date.parse(through)];
  const dates = Array.from({ length: (last - first) / DAY_MS + 1 }, (_, i) => new Date(first + i * DAY_MS));
  const most = Math.max(1, ...items.flatMap(({ counts }) => counts));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where not all days fit, by keys too
    <section className="visitor-days" aria-label="Different MACs a day, by network" tabIndex={0}>
      <table className="day-table">
        <thead>
          <tr>
            <th scope="col" className="day-network">
              Network
            </th>
            {dates.map((date) => (
              <th key={date.getTime()} scope="col" className="day-name" title={dateNames.format(date)}>
                {date.getTime() === last ? "Today" : dayNames.format(date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map(({ realm, cidr, counts }) => (
            <tr key={`${realm} ${cidr}`}>
              <th scope="row" className="day-network">
                <span className="mono">{cidr ?? "no address told"}</span>
                <div className="sub">{realm}</div>
              </th>
              {counts.map((count, i) => (
                <td
                  key={dates[i]?.getTime()}
                  className={count === 0 ? "day-count-none" : "day-count"}
                  style={{ "--share": count / most } as CSSProperties}
                >
                  {formatCount(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
