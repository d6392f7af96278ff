import type { SubnetLook, SubnetRow } from "../../../shared/model/place.ts";
import { Ago } from "./ago.tsx";
import { Status } from "./status.tsx";
import { formatCount } from "./value.ts";

const sight = {
  "could-see": { tone: "good", label: "Could see" },
  partly: { tone: "watch", label: "In part" },
  blind: { tone: "bad", label: "Blind" },
} as const;

export const formatShare = (share: number): string =>
  share >= 1 ? "all" : share > 0.99 ? "nearly all" : `${Math.round(share * 100)} %`;

/** What the last looks at a network were worth. */
export const Sight = ({ subnet }: { readonly subnet: SubnetRow }) => {
  const { seen, last } = subnet;
  if (last !== undefined) return <Status {...sight[last.verdict]} hint="The latest look; an earlier one could see" />;
  if (seen !== undefined) return <Status {...sight[seen.verdict]} />;
  return <Status tone="quiet" label="Nobody looked" />;
};

export const LookText = ({ look }: { readonly look: SubnetLook }) => (
  <span>
    <Ago at={look.endedAt} />{" "}
    <span className="dimmed">
      by {look.agentName} ({look.scope}), {formatShare(look.share)} of it
    </span>
  </span>
);

/** A bar and the numbers; networks of IPv6 are never full. */
export const Use = ({ subnet }: { readonly subnet: SubnetRow }) => (
  <div className="subnet-use">
    {!subnet.cidr.includes(":") && (
      <span className="bar" aria-hidden="true">
        <span
          style={{ width: `${Math.min(100, Math.max(subnet.used > 0 ? 2 : 0, (100 * subnet.used) / subnet.size))}%` }}
        />
      </span>
    )}
    <span className="nowrap">
      {formatCount(subnet.used)}
      <span className="dimmed">{subnet.cidr.includes(":") ? " in use" : ` of ${formatCount(subnet.size)}`}</span>
    </span>
  </div>
);
