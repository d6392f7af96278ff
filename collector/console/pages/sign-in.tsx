import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { ApiError, client } from "../client.ts";
import { Failed } from "../parts/states.tsx";

/** The code stands behind the "#", which browsers send to nobody; it leaves the address line before anything else happens. */
const takeCode = (): string | undefined => {
  const code = window.location.hash.slice(1);
  if (code === "") return undefined;
  window.history.replaceState(null, "", "/sign-in");
  return code;
};

export const SignInPage = () => {
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const tried = useRef(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();

  const signIn = useCallback(
    async (body: object) => {
      setPending(true);
      setError(undefined);
      try {
        await client.write("POST", "/session", body);
        queryClient.clear();
        await navigate({ to: "/" });
      } catch (failure) {
        setError(failure instanceof ApiError ? failure : new Error("Signing in failed"));
        setPending(false);
      }
    },
    [navigate, queryClient],
  );

  useEffect(() => {
    document.title = "Sign in · Rollcall";
    if (tried.current) return;
    tried.current = true;
    const code = takeCode();
    if (code !== undefined) void signIn({ code });
  }, [signIn]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void signIn({ name: form.get("name"), password: form.get("password") });
  };

  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="lg" w="100%" maw={400}>
        <Stack gap="md">
          <div className="brand">
            <img src="/icon.svg" alt="" width={34} height={34} />
            <Title order={1}>Rollcall</Title>
          </div>
          {error !== undefined && <Failed error={error} />}
          {pending && <Text role="status">Signing in …</Text>}
          <form onSubmit={submit}>
            <Stack gap="sm">
              <TextInput name="name" label="Name" autoComplete="username" required maxLength={128} />
              <PasswordInput
                name="password"
                label="Password"
                autoComplete="current-password"
                required
                maxLength={1_024}
                visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
              />
              <Button type="submit" loading={pending} mt="xs">
                Sign in
              </Button>
            </Stack>
          </form>
          <Text size="sm" c="dimmed">
            Or open the sign-in link that the collector printed when it started. A link works once and for ten minutes.
          </Text>
        </Stack>
      </Paper>
    </main>
  );
};
