import { useMutation, useQueryClient } from '@tanstack/react-query';
import { removeUser } from '../api/commands';
import { usersQuery } from '../api/queries';
import type { User } from '../api/types';
import { useToast } from '../app/toast';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';

interface RemoveUserProps {
  user: User;
  onClose: () => void;
}

/** Asks before a person's account is gone. */
export function RemoveUserDialog({ user, onClose }: RemoveUserProps) {
  const client = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => removeUser(user.name),
    onSuccess: () => {
      toast.done(`${user.displayName || user.name} can no longer sign in`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: usersQuery.queryKey }),
  });
  return (
    <FormDialog
      title="Remove this person?"
      submit="Remove"
      irreversible
      request={remove}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        <Foreign value={user.displayName || user.name} max={50} /> <span className="quiet">{user.name}</span>
      </p>
      <p className="quiet">
        The account is gone then, with its sessions and its tokens: what uses them is refused at once. What the person did stays
        in the log. To keep someone out for a while, disable the account.
      </p>
    </FormDialog>
  );
}
