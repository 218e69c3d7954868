package profile

import "testing"

// TestCredentialManager runs on Windows, and under Wine by packaging/windows/test.
func TestCredentialManager(t *testing.T) {
	k := NewKeyring()
	const account = "1001@nxphone.test"
	if _, err := k.Get(t.Context(), account); CodeOf(err) != CodeNoPassword {
		t.Errorf("before: %v", err)
	}
	for _, secret := range []string{"s3cret", "비밀번호"} {
		if err := k.Set(t.Context(), account, secret); err != nil {
			t.Fatal(err)
		}
		if got, err := k.Get(t.Context(), account); err != nil || got != secret {
			t.Errorf("%q, %v; want %q", got, err, secret)
		}
	}
	if err := k.Delete(t.Context(), account); err != nil {
		t.Error(err)
	}
	if _, err := k.Get(t.Context(), account); CodeOf(err) != CodeNoPassword {
		t.Errorf("after: %v", err)
	}
}
