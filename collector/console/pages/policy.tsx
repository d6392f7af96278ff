import { useQuery } from "@tanstack/react-query";
import { MaintenanceWindows } from "../parts/maintenance.tsx";
import { PageHead, Panel } from "../parts/page.tsx";
import { Settings } from "../parts/policy-settings.tsx";
import { Proposals } from "../parts/proposals.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { queries } from "../queries.ts";

export const PolicyPage = () => {
  const { data: policy, error, refetch } = useQuery(queries.policy());
  return (
    <>
      <PageHead title="Policy" note="When something counts as gone, and what becomes of it" />
      <Panel title="Proposals">
        <Proposals />
      </Panel>
      <MaintenanceWindows />
      {error && !policy ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !policy ? (
        <Loading />
      ) : (
        <div className="policy-panels">
          <Panel title="When something counts as gone">
            <Settings policy={policy} part="presence" />
          </Panel>
          <Panel title="What becomes of an incident">
            <Settings policy={policy} part="incidents" />
          </Panel>
        </div>
      )}
    </>
  );
};
