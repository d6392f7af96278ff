import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { DeskStatus } from "../../../shared/model/desk.ts";
import { DeskPanel } from "../parts/desk-panel.tsx";
import { Parity } from "../parts/desk-parity.tsx";
import { Secrets } from "../parts/desk-secrets.tsx";
import { Outbox } from "../parts/outbox.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { useMay } from "../parts/write.ts";
import { queries } from "../queries.ts";

const none: readonly DeskStatus[] = [];

export const DesksPage = () => {
  const { data, error, refetch } = useQuery(queries.desks());
  const isAdministrator = useMay("administrator");
  const mayCompare = useMay("service-desk");
  const some = data !== undefined && data.items.length > 0;
  return (
    <>
      <PageHead title="Desks" note="Ticket systems that are told of incidents, and what waits for them" />
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : some ? (
        <div className="desk-panels">
          {data.items.map((desk) => (
            <DeskPanel key={desk.name} desk={desk} />
          ))}
        </div>
      ) : (
        <Panel title="No desk is configured">
          <Text size="sm" c="dimmed">
            Every incident has its ticket in the built-in queue. To tell another system too, add it under desks in the
            collector’s configuration: connector, settings and which incidents go there.
          </Text>
        </Panel>
      )}
      <Panel title="Waiting">
        <Outbox desks={data?.items ?? none} />
      </Panel>
      {some && mayCompare && <Parity />}
      {isAdministrator && some && <Secrets />}
    </>
  );
};
