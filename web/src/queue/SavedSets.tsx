import {
  Button,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components';
import { Bookmark16Regular, Delete16Regular, Save16Regular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useToast } from '../app/toast';
import { FormDialog } from '../ui/FormDialog';
import { type FilterSet, usePreferences } from './settings';

/** Named sets of filters; each is a query string, so a set is also a bookmark. */
export function SavedSets({
  list,
  search,
  onApply,
}: {
  list: FilterSet['list'];
  search: string;
  onApply: (search: string) => void;
}) {
  const { preferences, change } = usePreferences();
  const [naming, setNaming] = useState(false);
  const toast = useToast();
  const sets = preferences.filterSets.filter((s) => s.list === list);
  const save = (name: string) => {
    const others = preferences.filterSets.filter((s) => !(s.list === list && s.name === name));
    change({ filterSets: [...others, { name, list, search }] });
    toast.done(`Saved as “${name}”`);
    setNaming(false);
  };
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" appearance="subtle" icon={<Bookmark16Regular />}>
            Filter sets
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {sets.map((set) => (
              <MenuItem key={set.name} onClick={() => onApply(set.search)}>
                {set.name}
              </MenuItem>
            ))}
            {sets.length > 0 && <MenuDivider />}
            <MenuItem icon={<Save16Regular />} onClick={() => setNaming(true)}>
              Save these filters
            </MenuItem>
            {sets.map((set) => (
              <MenuItem
                key={`remove-${set.name}`}
                icon={<Delete16Regular />}
                onClick={() => change({ filterSets: preferences.filterSets.filter((s) => s !== set) })}
              >
                Remove “{set.name}”
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      {naming && <NameDialog onSave={save} onClose={() => setNaming(false)} />}
    </>
  );
}

function NameDialog({ onSave, onClose }: { onSave: (name: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  return (
    <FormDialog
      title="Save these filters"
      submit="Save"
      ready={name.trim() !== ''}
      onSubmit={() => onSave(name.trim())}
      onClose={onClose}
    >
      <Field label="Name">
        <Input value={name} maxLength={60} onChange={(_, d) => setName(d.value)} />
      </Field>
    </FormDialog>
  );
}
