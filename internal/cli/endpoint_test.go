package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

const awsConfig = `
# comments, and lines that mean nothing here
[default]
region = eu-central-1 ; of the office
s3 =
  max_concurrent_requests = 20

[profile files]
endpoint_url = http://profile.test:1/

[profile services]
endpoint_url = http://profile.test:1
services = local
Region=eu-west-3

[services local]
dynamodb =
  endpoint_url = http://dynamo.test
sqs =
  endpoint_url = http://services.test

[profile services.more]

[profile ignore]
endpoint_url = http://profile.test:1
ignore_configured_endpoint_urls = true

[profile amazon]
endpoint_url = https://sqs.eu-north-1.amazonaws.com

[profile role]
role_arn = arn:aws:iam::1:role/x
aws_access_key_id = notthis
aws_secret_access_key = notthis
`

const awsCredentials = `
[default]
aws_access_key_id = AKDEFAULT
aws_secret_access_key = with/odd+cha"r#s=
[files]
aws_access_key_id = AKFILES
aws_secret_access_key = secret
`

// awsHome is an environment with these files in it.
func awsHome(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	for name, text := range map[string]string{"config": awsConfig, "credentials": awsCredentials} {
		if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"HOME=" + home}
}

// clientOf is what a command gets for its flags.
func clientOf(environ []string, args ...string) (*client, error) {
	p := shell{environ: environ}.process(nil, nil)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	t := p.addTarget(flags)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	return t.client()
}

func TestEndpoint(t *testing.T) {
	home := awsHome(t)
	flag, bufeo, forSQS, forAll := "--endpoint-url=http://flag.test", "BUFEO_ENDPOINT_URL=http://bufeo.test/",
		"AWS_ENDPOINT_URL_SQS=http://sqs.test", "AWS_ENDPOINT_URL=https://all.test:8"
	for _, c := range []struct {
		name             string
		environ, args    []string
		endpoint, region string
	}{
		{"1_flag", []string{bufeo, forSQS, forAll, "AWS_PROFILE=files"}, []string{flag}, "http://flag.test", "us-east-1"},
		{"2_bufeo", []string{bufeo, forSQS, forAll, "AWS_PROFILE=files"}, nil, "http://bufeo.test", "us-east-1"},
		{"3_for_sqs", []string{forSQS, forAll, "AWS_PROFILE=files"}, nil, "http://sqs.test", "us-east-1"},
		{"4_for_all", []string{forAll, "AWS_PROFILE=files"}, nil, "https://all.test:8", "us-east-1"},
		{"5_profile", []string{"AWS_PROFILE=files"}, nil, "http://profile.test:1", "us-east-1"},
		{"5_profile_by_flag", []string{"AWS_PROFILE=nowhere"}, []string{"--profile=files"}, "http://profile.test:1", "us-east-1"},
		{"5_profile_services", []string{"AWS_PROFILE=services"}, nil, "http://services.test", "eu-west-3"},
		{"5_profile_with_a_dot", nil, []string{"--profile=services.more"}, localServer, "us-east-1"},
		{"6_local", nil, nil, localServer, "eu-central-1"},
		{"6_local_although_there_are_keys", []string{"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"}, nil, localServer, "eu-central-1"},
		{"ignored", []string{forSQS, forAll, "AWS_PROFILE=files", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"}, nil, localServer, "us-east-1"},
		{"ignored_by_profile", []string{forSQS, "AWS_PROFILE=ignore"}, nil, localServer, "us-east-1"},

		{"aws", nil, []string{"--aws"}, "https://sqs.eu-central-1.amazonaws.com", "eu-central-1"},
		{"aws_beats_variables", []string{bufeo, forAll}, []string{"--aws", "--region=cn-north-1"}, "https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"aws_in_flag", nil, []string{"--endpoint-url=https://sqs.us-west-2.amazonaws.com"}, "https://sqs.us-west-2.amazonaws.com", "us-west-2"},
		{"aws_in_variable", []string{"AWS_ENDPOINT_URL_SQS=https://sqs.us-west-2.api.aws"}, []string{"--aws"}, "https://sqs.us-west-2.api.aws", "us-west-2"},
		{"aws_in_profile", []string{"AWS_REGION=eu-west-1"}, []string{"--profile=amazon"}, "https://sqs.eu-north-1.amazonaws.com", "eu-north-1"},

		{"region_1_flag", []string{"BUFEO_REGION=b", "AWS_REGION=c"}, []string{"--region=a"}, localServer, "a"},
		{"region_2_bufeo", []string{"BUFEO_REGION=b", "AWS_REGION=c"}, nil, localServer, "b"},
		{"region_3_aws", []string{"AWS_REGION=c", "AWS_DEFAULT_REGION=d"}, nil, localServer, "c"},
		{"region_4_default", []string{"AWS_DEFAULT_REGION=d"}, nil, localServer, "d"},
		{"region_of_bufeo_is_not_amazons", []string{"BUFEO_REGION=b"}, []string{"--aws"}, "https://sqs.eu-central-1.amazonaws.com", "eu-central-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			environ := slices.Concat(home, []string{"AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s"}, c.environ)
			cl, err := clientOf(environ, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := cl.connection()
			if err != nil {
				t.Fatal(err)
			}
			if conn.Endpoint() != c.endpoint || conn.Region() != c.region {
				t.Errorf("got %s in %s, want %s in %s", conn.Endpoint(), conn.Region(), c.endpoint, c.region)
			}
		})
	}
}

func TestEndpoint_mistakes(t *testing.T) {
	home := awsHome(t)
	for _, c := range []struct {
		environ, args []string
		want          string
	}{
		{[]string{"BUFEO_ENDPOINT_URL=localhost:9324"}, nil, `BUFEO_ENDPOINT_URL is "localhost:9324", want a URL such as http://127.0.0.1:9324`},
		{nil, []string{"--endpoint-url=ftp://x"}, `--endpoint-url is "ftp://x", want a URL such as http://127.0.0.1:9324`},
		{nil, []string{"--endpoint-url=http://x", "--aws"}, "--aws and --endpoint-url http://x contradict each other"},
		{nil, []string{"--profile=filse"}, `there is no profile "filse"`},
		{[]string{"AWS_CONFIG_FILE=" + t.TempDir()}, nil, "cannot be read"},
		{[]string{"HOME="}, []string{"--aws"}, "--aws wants a region"},
		{[]string{"HOME="}, []string{"--aws", "--region=eu-west-1"}, "no keys for Amazon SQS"},
		{nil, []string{"--aws", "--region=eu-west-1", "--profile=role"}, "no keys for Amazon SQS"},
	} {
		r := run(slices.Concat(home, c.environ), append([]string{"queue", "list"}, c.args...)...)
		if r.code == 0 || r.stdout != "" || !strings.Contains(r.stderr, c.want) || !strings.Contains(r.stderr, "\nhint: ") {
			t.Errorf("%v %v: got exit %d and %s, want %s", c.environ, c.args, r.code, r.stderr, c.want)
		}
	}
}

// TestKeys looks at who has sent a message: the server notes the access key.
func TestKeys(t *testing.T) {
	srv := sqstest.New(t)
	home := awsHome(t)
	environment := []string{"AWS_ACCESS_KEY_ID=AKENV", "AWS_SECRET_ACCESS_KEY=s"}
	for _, c := range []struct {
		name          string
		environ, args []string
		want          string
	}{
		{"none", []string{"HOME="}, nil, "bufeo"},
		{"environment", environment, nil, "AKENV"},
		{"environment_beats_AWS_PROFILE", append(environment, "AWS_PROFILE=files"), nil, "AKENV"},
		{"flag_beats_environment", environment, []string{"--profile=files"}, "AKFILES"},
		{"credentials_file", nil, nil, "AKDEFAULT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl, err := clientOf(slices.Concat(home, c.environ), append(c.args, "--endpoint-url", srv.URL())...)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := cl.connection()
			if err != nil {
				t.Fatal(err)
			}
			q, err := conn.CreateQueue(context.Background(), c.name)
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Write(context.Background(), q.NewMessage("x")); err != nil {
				t.Fatal(err)
			}
			if got := srv.Messages(c.name); len(got) != 1 || got[0].SenderID != c.want || got[0].Body != "x" {
				t.Errorf("got %+v, want one message x from %s", got, c.want)
			}
		})
	}
	pr, err := shell{environ: home}.process(nil, nil).readProfile("")
	if want := (keys{id: "AKDEFAULT", secret: `with/odd+cha"r#s=`}); err != nil || pr.keys != want {
		t.Errorf("got %+v, %v, want %+v", pr.keys, err, want)
	}
}

func TestQueue_argument(t *testing.T) {
	local, other := sqstest.New(t), sqstest.New(t)
	ctx := context.Background()
	for _, srv := range []*sqstest.Server{local, other} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			conn, err := sqs.New(sqs.WithEndpoint(srv.URL()), sqs.WithRegion(region), sqs.WithCredentials("a", "b", ""))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.CreateQueue(ctx, "orders"); err != nil {
				t.Fatal(err)
			}
		}
	}
	const amazon = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
	environ := []string{"AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s"}
	here := []string{"--endpoint-url", local.URL()}
	for _, c := range []struct {
		name             string
		args             []string
		queue            string
		endpoint, region string // or
		mistake          string
	}{
		{"name", here, "orders", local.URL(), "us-east-1", ""},
		{"url", here, local.URL() + "/000000000000/orders", local.URL(), "us-east-1", ""},
		{"url_of_another_host_and_an_endpoint", here, other.URL() + "/000000000000/orders", local.URL(), "us-east-1", ""},
		{"url_of_another_host_alone", nil, other.URL() + "/000000000000/orders", other.URL(), "us-east-1", ""},
		{"url_of_amazon_and_an_endpoint", here, amazon, local.URL(), "us-east-1", ""},
		{"url_of_amazon_alone", nil, amazon, "", "", "add --aws if you mean that one"},
		{"url_of_amazon_with_aws", []string{"--aws"}, amazon, "https://sqs.eu-west-1.amazonaws.com", "eu-west-1", ""},
		{"url_of_another_region", []string{"--aws", "--region=us-east-1"}, amazon, "", "", "leave --region out"},
		{"url_elsewhere_with_aws", []string{"--aws"}, local.URL() + "/000000000000/orders", "", "", "leave --aws out"},
		{"url_of_no_queue", here, local.URL(), "", "", "`bufeo queue list` shows the URLs"},
		{"arn", here, "arn:aws:sqs:eu-west-1:000000000000:orders", local.URL(), "eu-west-1", ""},
		{"arn_of_another_region", append(here, "--region=us-east-1"), "arn:aws:sqs:eu-west-1:000000000000:orders", "", "", "leave --region out"},
		{"arn_of_something_else", here, "arn:aws:sns:eu-west-1:000000000000:orders", "", "", "it looks like arn:aws:sqs:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl, err := clientOf(environ, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			q, err := cl.queue(ctx, c.queue)
			if c.mistake != "" {
				if err == nil || exitCode(err) != exitUsage || hintOf(err) != c.mistake && !strings.HasPrefix(hintOf(err), c.mistake) {
					t.Errorf("got %v, hint %q, want hint %q", err, hintOf(err), c.mistake)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Connection(); got.Endpoint() != c.endpoint || got.Region() != c.region || q.Name() != "orders" {
				t.Errorf("got %s in %s of %s, want orders in %s of %s", q.Name(), got.Region(), got.Endpoint(), c.region, c.endpoint)
			}
		})
	}
}
