import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { DeskDifference } from "../../../shared/model/desk.ts";
import { client } from "../client.ts";
import { IncidentLink } from "./links.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed } from "./states.tsx";
import { formatCount } from "./value.ts";

const differenceWords: Readonly<Record<DeskDifference["what"], string>> = {
  state: "State",
  assignee: "Assignee",
  verdict: "Verdict",
  merged: "Merged there",
  unreadable: "Can't be read",
};

/** Where the desks' tickets and our incidents say different things, when somebody asks. */
export const Parity = () => {
  const compare = useMutation({
    mutationFn: () =>
      client.get<{ readonly compared: number; readonly differences: readonly DeskDifference[] }>("/desks/parity"),
  });
  return (
    <Panel
      title="The desks' tickets against ours"
      action={
        <Button size="compact-sm" variant="default" loading={compare.isPending} onClick={() => compare.mutate()}>
          Compare
        </Button>
      }
    >
      {compare.error && <Failed error={compare.error} />}
      {compare.data === undefined ? (
        <Text size="sm" c="dimmed">
          Reads every ticket at the desks that can be read, and lists where they and we say different things.
        </Text>
      ) : compare.data.differences.length === 0 ? (
        <Empty title="No differences">{formatCount(compare.data.compared)} tickets were compared.</Empty>
      ) : (
        <table className="fact-table">
          <thead>
            <tr>
              <th scope="col">Incident</th>
              <th scope="col">Differs in</th>
              <th scope="col">Here</th>
              <th scope="col">There</th>
            </tr>
          </thead>
          <tbody>
            {compare.data.differences.map((one) => (
              <tr key={`${one.desk} ${one.ticket} ${one.what}`}>
                <td>
                  <IncidentLink incidentId={one.incidentId}>{one.title}</IncidentLink>
                  <div className="sub">
                    {one.desk}, ticket {one.ticket}
                  </div>
                </td>
                <td>{differenceWords[one.what]}</td>
                <td className="value">{one.ours}</td>
                <td className="value">{one.theirs}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
};
