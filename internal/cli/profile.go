package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"gopkg.in/ini.v1"
)

// keys sign requests.
type keys struct{ id, secret, token string }

// profile is what the files of AWS's own tools say under one name: ~/.aws/config and ~/.aws/credentials.
type profile struct {
	name     string
	endpoint string // for SQS, or for all services
	region   string
	keys     keys // none if the profile gets them elsewhere: roles, single sign-on
	ignore   bool // what AWS_ENDPOINT_URL and the profile say about endpoints
}

// awsFiles is how AWS's tools read their files, as far as the library can be told.
var awsFiles = ini.LoadOptions{
	AllowNestedValues:        true,
	ChildSectionDelimiter:    "\x00", // [profile a.b] has nothing to do with [profile a]
	IgnoreContinuation:       true,
	InsensitiveKeys:          true,
	KeyValueDelimiters:       "=",
	PreserveSurroundedQuote:  true,
	SkipUnrecognizableLines:  true,
	SpaceBeforeInlineComment: true,
}

// readProfile reads the profile that the flag or AWS_PROFILE names, or the one called default, which may be missing.
func (p *Process) readProfile(flag string) (*profile, error) {
	pr := &profile{name: firstOf(flag, p.Getenv("AWS_PROFILE"), "default")}
	config, err := p.awsFile("AWS_CONFIG_FILE", "config")
	if err != nil {
		return nil, err
	}
	credentials, err := p.awsFile("AWS_SHARED_CREDENTIALS_FILE", "credentials")
	if err != nil {
		return nil, err
	}
	section := "profile " + pr.name
	if pr.name == "default" && !config.HasSection(section) {
		section = "default"
	}
	if pr.name != "default" && !config.HasSection(section) && !credentials.HasSection(pr.name) {
		return nil, &usageError{
			fmt.Sprintf("there is no profile %q", pr.name),
			"--profile (AWS_PROFILE) names a [profile …] of ~/.aws/config (AWS_CONFIG_FILE)",
		}
	}
	s := config.Section(section)
	pr.region = s.Key("region").Value()
	pr.ignore = isTrue(s.Key("ignore_configured_endpoint_urls").Value())
	pr.endpoint = firstOf(servicesEndpoint(config, s.Key("services").Value()), s.Key("endpoint_url").Value())
	if s.Key("role_arn").Value() == "" {
		pr.keys = firstKeys(keysIn(credentials.Section(pr.name)), keysIn(s))
	}
	return pr, nil
}

// awsFile reads one of AWS's files. One that does not exist is empty.
func (p *Process) awsFile(variable, name string) (*ini.File, error) {
	path := p.Getenv(variable)
	if home := firstOf(p.Getenv("HOME"), p.Getenv("USERPROFILE")); path == "" && home != "" {
		path = filepath.Join(home, ".aws", name)
	}
	if path == "" {
		return ini.Empty(awsFiles), nil
	}
	f, err := ini.LoadSources(awsFiles, path)
	if errors.Is(err, fs.ErrNotExist) {
		return ini.Empty(awsFiles), nil
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("%s cannot be read: %v", path, err), "mend it, or name another with " + variable}
	}
	return f, nil
}

// servicesEndpoint is the endpoint for SQS of a section [services name]: lines "endpoint_url = …" that are indented
// below "sqs =".
func servicesEndpoint(config *ini.File, name string) string {
	if name == "" {
		return ""
	}
	for _, line := range config.Section("services " + name).Key("sqs").NestedValues() {
		key, value, _ := strings.Cut(line, "=")
		if strings.EqualFold(strings.TrimSpace(key), "endpoint_url") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func keysIn(s *ini.Section) keys {
	return keys{s.Key("aws_access_key_id").Value(), s.Key("aws_secret_access_key").Value(), s.Key("aws_session_token").Value()}
}

// firstKeys returns the first of several that are whole.
func firstKeys(all ...keys) keys {
	for _, k := range all {
		if k.id != "" && k.secret != "" {
			return k
		}
	}
	return keys{}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// isTrue is how AWS's tools read switches.
func isTrue(v string) bool { return strings.EqualFold(v, "true") }
