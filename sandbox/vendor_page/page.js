// Shows a session in Piggy's own portal page, against the sandbox that serves it.
import "./words.js"; // before the page, which loads its words while it is imported
import { UuidSession } from "@leatcom/portal-sessions";
import "@leatcom/portal-sessions/dist/style.css";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const uuid = new URLSearchParams(location.search).get("uuid") ?? "";
createRoot(document.querySelector("#page")).render(
  createElement(UuidSession, { uuid, host: location.origin }),
);
