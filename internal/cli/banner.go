package cli

import (
	"fmt"
	"net"
	"strings"

	"github.com/bufeomq/bufeo/internal/config"
)

// banner is what serve prints when it is ready. Its form is stable: people paste from it and scripts read it. The two
// commands work as they are on a machine that has never heard of AWS.
func banner(a net.Addr, c *config.Config) string {
	base := "http://" + reachable(a)
	quoted := base
	if strings.Contains(base, "[") { // an IPv6 address: zsh would take the brackets for a pattern
		quoted = "'" + base + "'"
	}
	return fmt.Sprintf(`bufeo listens on %s
Its data is in %s
Try it from another terminal:

curl '%s/?Action=CreateQueue&QueueName=hello'
AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=%s aws --endpoint-url %s sqs create-queue --queue-name hello

`, base, c.Server.DataDir, base, c.Server.Region, quoted)
}

// reachable is the listener's address as a client on this machine would write it. A listener on all addresses is
// reached by 127.0.0.1, also when it is [::], which for Go includes IPv4.
func reachable(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return a.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", t.Port)
}
