import type { AssetDetail } from "../../../shared/model/rest.ts";
import { Ago } from "./ago.tsx";
import { AssetLink } from "./links.tsx";
import { Panel } from "./page.tsx";
import { Empty } from "./states.tsx";
import { formatCount, formatDuration } from "./value.ts";
import { methodLabel, toSentence, toWords } from "./words.ts";

/** Why this is one asset: the keys it is recognised by, who sees it, and every decision that joined or split it. */
export const AssetIdentity = ({ asset }: { readonly asset: AssetDetail }) => (
  <div className="fact-panels">
    <Panel title="Keys">
      {asset.keys.length === 0 ? (
        <Empty title="No keys" />
      ) : (
        <table className="fact-table">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Value</th>
              <th scope="col" className="from-sm">
                Realm
              </th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {asset.keys.map((key) => (
              <tr key={`${key.kind} ${key.realm} ${key.vendor ?? ""} ${key.value}`}>
                <th scope="row">{toWords(key.kind)}</th>
                <td className="value mono">
                  {key.value}
                  {key.vendor !== undefined && <span className="dimmed"> ({key.vendor})</span>}
                </td>
                <td className="dimmed from-sm">{key.realm}</td>
                <td className="dimmed">
                  <Ago at={key.lastSeenAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
    <Panel title="Observers">
      {asset.observers.length === 0 ? (
        <Empty title="No observations kept">Its own agent's session is what tells of it.</Empty>
      ) : (
        <table className="fact-table">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">How</th>
              <th scope="col" className="from-sm">
                Times
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {asset.observers.map((observer) => (
              <tr key={`${observer.agentId} ${observer.method}`}>
                <th scope="row">{observer.agentName}</th>
                <td className="value">{methodLabel(observer.method)}</td>
                <td className="dimmed from-sm">
                  {formatCount(observer.count)}, longest gap {formatDuration(observer.longestGapMs)}
                </td>
                <td className="dimmed">
                  <Ago at={observer.lastAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
    {asset.decisions.length > 0 && (
      <Panel title="Decisions">
        <ul className="rows">
          {asset.decisions.map((decision) => (
            <li key={decision.decisionId} className={decision.undoneAt === undefined ? undefined : "undone"}>
              <div className="grow">
                <div className="row-top">
                  <strong>{toSentence(decision.kind)}</strong>
                  <span className="dimmed">
                    <Ago at={decision.at} />
                  </span>
                </div>
                <div>{decision.explanation}</div>
                <div className="dimmed">
                  {decision.byHand ? `by ${decision.rule}` : `rule ${decision.rule}`}
                  {decision.otherAssetId !== undefined && (
                    <>
                      {" · "}
                      <AssetLink assetId={decision.otherAssetId}>the other asset</AssetLink>
                    </>
                  )}
                  {decision.undoneAt !== undefined && " · undone"}
                </div>
              </div>
            </li>
          ))}
        </ul>
      </Panel>
    )}
  </div>
);
