import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * The console as static files in `dist/`, which the collector serves. Everything a page needs is in them: no fonts, scripts
 * or images from elsewhere, nothing inline that the Content-Security-Policy would have to forgive.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react()],
  logLevel: "warn",
  build: {
    outDir: "dist",
    // "assets" is an address of the console itself.
    assetsDir: "static",
    emptyOutDir: true,
    target: "es2023",
    // Inlined images would need `data:` in img-src.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: "mantine", test: /node_modules[\\/](@mantine|@floating-ui|clsx|react-remove-scroll|use-sidecar)/ },
            {
              name: "tanstack",
              test: /node_modules[\\/]@tanstack[\\/](react-query|query-core|react-router|router-core|history|react-store|store)[\\/]/,
            },
          ],
        },
      },
    },
  },
});
