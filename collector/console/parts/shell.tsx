import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  Text,
  TextInput,
  Tooltip,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAdjustmentsHorizontal,
  IconAlertTriangle,
  IconDeviceDesktopAnalytics,
  IconFingerprint,
  IconHeadset,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLogout,
  IconMoon,
  IconNetwork,
  IconPackage,
  IconPlugConnected,
  IconQuestionMark,
  IconRadar,
  IconSearch,
  IconSun,
  IconTicket,
  IconUserCircle,
  IconWalk,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef } from "react";
import { client } from "../client.ts";
import { type LiveState, useLive } from "../live.ts";
import { queries } from "../queries.ts";
import { Shortcuts } from "./shortcuts.tsx";
import { formatCount } from "./value.ts";
import { toSentence } from "./words.ts";
import { useMay } from "./write.ts";

const places = [
  { to: "/", label: "Overview", icon: IconLayoutDashboard },
  { to: "/incidents", label: "Incidents", icon: IconAlertTriangle },
  { to: "/tickets", label: "Tickets", icon: IconTicket },
  { to: "/assets", label: "Assets", icon: IconDeviceDesktopAnalytics },
  { to: "/links", label: "Links", icon: IconPlugConnected },
  { to: "/subnets", label: "Subnets", icon: IconNetwork },
  { to: "/software", label: "Software", icon: IconPackage },
  { to: "/macs", label: "Unclaimed MACs", icon: IconQuestionMark },
  { to: "/visitors", label: "Visitors", icon: IconWalk },
  { to: "/identity", label: "Identity", icon: IconFingerprint },
  { to: "/changes", label: "Changes", icon: IconHistory },
  { to: "/agents", label: "Agents and coverage", icon: IconRadar },
  { to: "/desks", label: "Desks", icon: IconHeadset },
  { to: "/policy", label: "Policy", icon: IconAdjustmentsHorizontal },
  { to: "/access", label: "Access", icon: IconKey, role: "administrator" },
] as const;

const liveWords: Readonly<Record<LiveState, string>> = {
  connecting: "Connecting …",
  live: "Live",
  lost: "Connection lost, trying again",
};

const LiveMark = ({ state }: { readonly state: LiveState }) => (
  <output className="live" aria-label={`Updates: ${liveWords[state]}`} title={liveWords[state]}>
    <span
      className={`dot ${state === "live" ? "good pulse" : state === "lost" ? "bad" : "quiet"}`}
      aria-hidden="true"
    />
    <span className="from-sm">{state === "lost" ? "Offline" : liveWords[state]}</span>
  </output>
);

const SchemeButton = () => {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = colorScheme === "dark" || (colorScheme === "auto" && prefersDark);
  const label = isDark ? "Use the light scheme" : "Use the dark scheme";
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(isDark ? "light" : "dark")}
      >
        {isDark ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
};

const Account = () => {
  const { data: me } = useQuery(queries.me());
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    await client.write("DELETE", "/session");
    queryClient.clear();
    await navigate({ to: "/sign-in" });
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account">
          <IconUserCircle size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me?.name} · {toSentence(me?.role ?? "")}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

const Search = () => {
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("input, textarea, [contenteditable]");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      // The page's own box, where it has one, says more than ours.
      (document.querySelector<HTMLInputElement>("[data-query-box]") ?? field.current)?.focus();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/assets", search: { q: field.current?.value.trim() || undefined } });
    if (field.current) field.current.value = "";
    field.current?.blur();
  };
  return (
    <search className="search">
      <form onSubmit={submit}>
        <TextInput
          ref={field}
          aria-label="Search assets"
          placeholder="Search assets  ( / )"
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          size="sm"
          maxLength={128}
        />
      </form>
    </search>
  );
};

const Navigation = ({ close }: { readonly close: () => void }) => {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { data } = useQuery(queries.overview());
  const proposals = useQuery(queries.proposals()).data?.items.filter(({ state }) => state === "open").length;
  const isAdministrator = useMay("administrator");
  const conflicts = useInfiniteQuery(queries.decisions({ waiting: "true" })).data?.pages[0]?.items.length;
  const counts: Partial<Record<string, number>> = {
    "/identity": conflicts,
    "/incidents": data?.openIncidents,
    "/tickets": data?.openTickets,
    "/policy": proposals,
  };
  return (
    <nav aria-label="Main">
      {places.map(({ to, label, icon: Icon, ...place }) => {
        if ("role" in place && !isAdministrator) return null;
        const active = to === "/" ? path === "/" : path.startsWith(to);
        const n = counts[to] ?? 0;
        return (
          <NavLink
            key={to}
            renderRoot={(props) => <Link to={to} {...props} />}
            active={active}
            aria-current={active ? "page" : undefined}
            label={label}
            leftSection={<Icon size={18} stroke={1.7} aria-hidden="true" />}
            rightSection={n > 0 ? <span className="pill">{formatCount(n)}</span> : undefined}
            onClick={close}
            className="nav"
          />
        );
      })}
    </nav>
  );
};

/** The frame of every page of a person who is signed in. */
export const Shell = () => {
  const [opened, { toggle, close }] = useDisclosure();
  const live = useLive(useQueryClient());
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header className="header">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          <Link to="/" className="brand" aria-label="Rollcall, overview">
            <img src="/icon.svg" alt="" width={26} height={26} />
            <Text component="span" fw={700} size="lg" className="from-sm">
              Rollcall
            </Text>
          </Link>
          <Search />
          <Group gap={4} wrap="nowrap" ml="auto">
            <LiveMark state={live} />
            <Shortcuts />
            <SchemeButton />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className="navbar">
        <Navigation close={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
};
