import type { SubmitEvent } from 'react';
import { ActionButton } from '../ui/action_button.tsx';

export type Credentials = { email: string; password: string };

/** Email and password, with the names that password managers expect. */
export function PasswordForm({
  is_busy,
  onSubmit,
}: {
  is_busy: boolean;
  onSubmit: (credentials: Credentials) => void;
}) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    onSubmit({ email: String(given.get('email')), password: String(given.get('password')) });
  };
  return (
    <form className="password_form" onSubmit={submit}>
      <label>
        Email
        <input type="email" name="email" autoComplete="username" maxLength={254} required />
      </label>
      <label>
        Password
        <input type="password" name="password" autoComplete="current-password" maxLength={200} required />
      </label>
      <ActionButton type="submit" className="primary" is_busy={is_busy}>
        {is_busy ? 'Signing in…' : 'Sign in'}
      </ActionButton>
    </form>
  );
}
