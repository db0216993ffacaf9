import { Toast, ToastBody, ToastTitle, useToastController } from '@fluentui/react-components';
import { Problem } from '../api/client';

export const toasterId = 'clew';

/** Short messages at the lower right. */
export function useToast() {
  const { dispatchToast } = useToastController(toasterId);
  return {
    done: (title: string) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
        </Toast>,
        { intent: 'success', timeout: 4_000 },
      ),
    failed: (title: string, error: unknown) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          <ToastBody>
            {error instanceof Problem ? `${error.message} ${error.next}` : 'Something unexpected happened in the portal.'}
          </ToastBody>
        </Toast>,
        { intent: 'error', timeout: 12_000 },
      ),
  };
}
