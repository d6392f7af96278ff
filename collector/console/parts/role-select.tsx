import { Select } from "@mantine/core";
import type { Role } from "../../../shared/model/access.ts";
import { roleOptions, roles } from "./write.ts";

/** What somebody, or a program, may do. */
export const RoleSelect = ({ role, choose }: { readonly role: Role; readonly choose: (role: Role) => void }) => (
  <Select
    label="Role"
    allowDeselect={false}
    data={roleOptions}
    value={role}
    onChange={(value) => choose(roles.find((one) => one === value) ?? role)}
  />
);
