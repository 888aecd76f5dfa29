package requests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/bufeomq/bufeo/sqs"
)

// TestProfile: boto's profile_name is the business of the SDK's config package, whose configuration changes requests.
func TestProfile(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	keys := write("credentials", "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n"+
		"[work]\naws_access_key_id = WORK\naws_secret_access_key = s\naws_session_token = token\n")
	settings := write("config", "[default]\nregion = us-east-1\n"+
		"[profile fips]\nregion = us-west-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"+
		"aws_access_key_id = DEFAULT\naws_secret_access_key = s\n"+
		"[profile work]\nregion = eu-west-1\nservices = local\n[services local]\nsqs =\n  endpoint_url = http://profile.test:9324\n")
	for profile, want := range map[string]struct{ url, credential, token string }{
		"fips":    {"https://sqs-fips.us-west-2.api.aws/", "Credential=DEFAULT/", ""},
		"default": {"https://sqs.us-east-1.amazonaws.com/", "Credential=DEFAULT/", ""},
		"work":    {"http://profile.test:9324/", "Credential=WORK/", "token"},
	} {
		for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"} {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil { // set and empty is not unset to everybody
				t.Fatal(err)
			}
		}
		cfg, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigProfile(profile),
			config.WithSharedConfigFiles([]string{settings}), config.WithSharedCredentialsFiles([]string{keys}))
		if err != nil {
			t.Fatal(err)
		}
		var r recorder
		conn, err := sqs.NewFromConfig(cfg, sqs.WithHTTPClient(&r))
		if err != nil {
			t.Fatal(err)
		}
		got := r.one(t, conn.QueueFromURL(queueURL).Purge(t.Context()))
		authorization := got.header.Get("Authorization")
		if got.URL != want.url || !strings.Contains(authorization, want.credential) || !strings.Contains(authorization, "/"+cfg.Region+"/sqs/") ||
			got.header.Get("X-Amz-Security-Token") != want.token {
			t.Errorf("%s: got %s, %s", profile, got.URL, authorization)
		}
	}
}
