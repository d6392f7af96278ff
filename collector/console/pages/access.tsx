import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Audit } from "../parts/audit.tsx";
import { PageHead } from "../parts/page.tsx";
import { People } from "../parts/people.tsx";
import { Tokens } from "../parts/tokens.tsx";

const route = getRouteApi("/inside/access");
const tabs = ["tokens", "people", "audit"] as const;

export const AccessPage = () => {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title="Access" note="Who may sign in, which programs and agents have tokens, and who changed what" />
      <Tabs
        value={tabs.find((one) => one === tab) ?? "tokens"}
        onChange={(next) => void navigate({ search: { tab: next ?? undefined }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List aria-label="Of access">
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="audit">Audit log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="tokens" pt="md">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="people" pt="md">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="audit" pt="md">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </>
  );
};
