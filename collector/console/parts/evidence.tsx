import { IconEye, IconEyeOff, IconMinus } from "@tabler/icons-react";
import type { Evidence } from "../../../shared/model/incident.ts";
import { Ago } from "./ago.tsx";
import { formatTime } from "./value.ts";
import { methodLabel } from "./words.ts";

const bearings = {
  for: { label: "Speaks for it", icon: IconEyeOff, className: "for" },
  against: { label: "Speaks against it", icon: IconEye, className: "against" },
  neither: { label: "Could not tell", icon: IconMinus, className: "neither" },
} as const;

const sight = {
  "could-see": "could see",
  partly: "could see in part",
  blind: "could not see",
} as const;

const observerName = (observer: Evidence["observer"]): string =>
  observer.kind === "collector" ? "the collector" : observer.name;

/** Who looked, when, how, what was seen, and whether they could see at all: newest first, since that is asked first. */
export const EvidenceLedger = ({ evidence }: { readonly evidence: readonly Evidence[] }) => (
  <ol className="ledger" aria-label="Evidence, newest first">
    {evidence
      .map((line, i) => ({ ...line, key: `${line.at} ${i}` }))
      .reverse()
      .map((line) => {
        const { label, icon: Icon, className } = bearings[line.bearing];
        return (
          <li key={line.key} className={className}>
            <span className="bearing" title={label}>
              <Icon size={16} stroke={1.8} aria-hidden="true" />
              <span className="sr-only">{label}: </span>
            </span>
            <div>
              <p>{line.statement}</p>
              <p className="dimmed">
                <Ago at={line.at} /> · {observerName(line.observer)} · {methodLabel(line.method)} ·{" "}
                {sight[line.couldSee]}
                <span className="from-md"> · {formatTime(line.at)}</span>
              </p>
            </div>
          </li>
        );
      })}
  </ol>
);
