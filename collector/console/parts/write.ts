import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Role } from "../../../shared/model/access.ts";
import { ApiError, client } from "../client.ts";
import { queries } from "../queries.ts";
import { toSentence } from "./words.ts";

/** From least to most, as `roles` of the model: named again here, since its module would bring zod into the page. */
export const roles: readonly Role[] = ["viewer", "service-desk", "asset-manager", "administrator"];

/** For choosing a role in a form. */
export const roleOptions = roles.map((role) => ({ value: role, label: toSentence(role) }));

type Write = {
  readonly method?: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly version?: number;
  /** Said when it was done; nothing where the page shows it anyway. */
  readonly done?: string;
};

/** One write: its refusal is told where everybody looks, and what is shown is asked again. */
export const useWrite = (...topics: readonly string[]) => {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ method = "POST", path, body, version }: Write) => client.write<unknown>(method, path, body, version),
    onSuccess: (_, { done }) => {
      if (done !== undefined) notifications.show({ message: done, color: "teal" });
    },
    onError: (error) => {
      const problem = error instanceof ApiError ? error.problem : undefined;
      const message = [problem?.detail, problem?.remedy].filter(Boolean).join(" ") || error.message;
      notifications.show({ title: problem?.title ?? "That failed", message, color: "red", autoClose: 10_000 });
    },
    onSettled: () => Promise.all(topics.map((topic) => queryClient.invalidateQueries({ queryKey: [topic] }))),
  });
};

/** Whether who is signed in has at least this role: what may not be done is not offered. The collector decides anyway. */
export const useMay = (role: Role): boolean => {
  const { data: me } = useQuery(queries.me());
  return me !== undefined && roles.indexOf(me.role) >= roles.indexOf(role);
};
