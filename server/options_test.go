package server

import (
	"net/url"
	"testing"
)

func TestOptions_Validate(t *testing.T) {
	public := func(s string) Options {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return Options{PublicURL: u}
	}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, ""},
		{Options{Region: "us-gov-east-1", Account: "123456789012", AllowHosts: []string{"a.example"}}, ""},
		{public("http://queues:9324/"), ""},
		{Options{Region: "us east"}, `server: Region is "us east", want the form of us-east-1`},
		{Options{Account: "12345678901x"}, `server: Account is "12345678901x", want 12 digits`},
		{public("ftp://a"), `server: PublicURL is "ftp://a", want scheme and host as in https://sqs.example.org`},
		{public("http://u:p@a"), `server: PublicURL is "http://u:p@a", want scheme and host as in https://sqs.example.org`},
		{public("http://a/?b"), `server: PublicURL is "http://a/?b", want scheme and host as in https://sqs.example.org`},
		{Options{MaxQueues: -1, MaxStorage: 1, MaxQueueStorage: 1}, ""},
		{Options{MaxStorage: -1}, "server: MaxStorage is -1 and MaxQueueStorage 0, want a number of bytes, 0 for no limit"},
		{Options{AllowHosts: []string{"a/b"}}, `server: AllowHosts has "a/b", want a host name as in sqs.example.org`},
	} {
		got := ""
		if err := c.o.Validate(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if _, err := New(nil); err != nil {
		t.Errorf("nil: %v", err)
	}
	if _, err := New(&Options{Account: "1"}); err == nil {
		t.Error("New takes what Validate refuses")
	}
}
