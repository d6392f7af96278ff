import type { PolicyInForce } from "../../../shared/model/policy.ts";
import { formatSetting, settingLabel, settingWords } from "./policy-words.ts";
import { toWords } from "./words.ts";

/** What is made of parts stands a part a line. */
const Value = ({ name, value }: { readonly name: string; readonly value: unknown }) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (
    <ul className="plain">
      {Object.entries(value).map(([key, one]) => (
        <li key={key}>
          {toWords(key)}: {formatSetting(name, one)}
        </li>
      ))}
    </ul>
  ) : (
    formatSetting(name, value)
  );

/** One part of the policy in force, a setting a row, beside what was configured where a proposal changed it. */
export const Settings = ({
  policy,
  part,
}: {
  readonly policy: PolicyInForce;
  readonly part: "presence" | "incidents";
}) => {
  const learned = new Map(policy.learned.map((one) => [one.setting, one]));
  return (
    <table className="fact-table">
      <tbody>
        {Object.entries(policy[part])
          .filter(([name]) => name !== "maintenance")
          .map(([name, value]) => {
            const changed = [...learned.values()].filter(
              ({ setting }) => setting === `${part}.${name}` || setting.startsWith(`${part}.${name}.`),
            );
            return (
              <tr key={name}>
                <th scope="row">
                  {settingLabel(`${part}.${name}`)}
                  {settingWords[`${part}.${name}`]?.hint !== undefined && (
                    <div className="setting-hint">{settingWords[`${part}.${name}`]?.hint}</div>
                  )}
                </th>
                <td className="value">
                  <Value name={name} value={value} />
                  {changed.map(({ setting, configured }) => (
                    <div key={setting} className="sub wrap">
                      {setting.split(".").length > 2 && `${settingLabel(setting)} `}by an accepted proposal; configured:{" "}
                      {formatSetting(name, configured)}
                    </div>
                  ))}
                </td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
};
