import { useMutation, useQueryClient } from '@tanstack/react-query';
import { removeToken } from '../api/commands';
import { tokensQuery } from '../api/queries';
import type { Token } from '../api/types';
import { useToast } from '../app/toast';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';

interface RevokeTokenProps {
  token: Token;
  onClose: () => void;
}

/** Asks before a token ends: what uses it is refused at once, and its secret never works again. */
export function RevokeTokenDialog({ token, onClose }: RevokeTokenProps) {
  const client = useQueryClient();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: () => removeToken(token.id),
    onSuccess: () => {
      toast.done('The token is revoked');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  return (
    <FormDialog
      title="Revoke this token?"
      submit="Revoke"
      irreversible
      request={revoke}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        <Foreign value={token.name} max={60} />
      </p>
      <p className="quiet">What uses it is refused at once. It can't be put back: a new token has another secret.</p>
    </FormDialog>
  );
}
