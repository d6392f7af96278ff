import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./client.ts";
import { NowProvider } from "./parts/ago.tsx";
import { createConsoleRouter } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

/** What the API refused stays refused; only silence and overload are worth another try. */
const isWorthRetrying = (failures: number, error: unknown): boolean =>
  failures < 3 && (!(error instanceof ApiError) || error.problem.status === 0 || error.problem.status >= 500);

const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: isWorthRetrying, staleTime: 5_000, refetchOnWindowFocus: true } },
});
const router = createConsoleRouter(queryClient);

// A session that ended while a page was open: back to the sign-in page, not a page of errors.
queryClient.getQueryCache().subscribe(({ query }) => {
  const { error } = query.state;
  const signedOut = error instanceof ApiError && error.problem.status === 401;
  if (signedOut && router.state.location.pathname !== "/sign-in") void router.navigate({ to: "/sign-in" });
});

/** The page's own nonce (its Content-Security-Policy names it): the few style elements that Mantine makes carry it. */
const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";

// Where the style element that dialogs make (they stop the page behind from scrolling) looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

const root = document.querySelector("#root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        cssVariablesResolver={cssVariables}
        {...(nonce !== "" && { getStyleNonce: () => nonce })}
      >
        <Notifications position="bottom-right" />
        <QueryClientProvider client={queryClient}>
          <NowProvider>
            <RouterProvider router={router} />
          </NowProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
