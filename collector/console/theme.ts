import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Notification } from "@mantine/core";

/** A quiet blue-green; shade 8 on white and shade 3 on the dark background both pass 4.5:1. */
const teal: MantineColorsTuple = [
  "#e6f6f8",
  "#cdeaee",
  "#9dd5dd",
  "#69bfcb",
  "#3fabba",
  "#1f93a4",
  "#0c8090",
  "#0a6e7d",
  "#0a5f6c",
  "#074a55",
];

/** Of the same blue-grey as the page, instead of Mantine's neutral. */
const dark: MantineColorsTuple = [
  "#d3dae1",
  "#bcc5ce",
  "#98a2ad",
  "#6f7a86",
  "#3a444f",
  "#2f3842",
  "#1d242c",
  "#14181d",
  "#101418",
  "#0b0e11",
];

export const theme = createTheme({
  colors: { teal, dark },
  primaryColor: "teal",
  primaryShade: { light: 8, dark: 7 },
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Its cross is a picture only: a screen reader needs a name.
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } }),
  },
});

/** Mantine's own dimmed grey has 3.3:1 on white; these have at least 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#56606b",
    "--mantine-color-placeholder": "#636d78",
    "--mantine-color-body": "#ffffff",
  },
  dark: {
    "--mantine-color-dimmed": "#a3adb8",
    "--mantine-color-placeholder": "#98a2ad",
    "--mantine-color-body": "#14181d",
  },
});
