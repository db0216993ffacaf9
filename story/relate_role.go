package story

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// This file derives ties from kinds and roles alone. Each rule ties every thing
// of one kind to one thing of another, so that the work grows with the number
// of mentions and not with their pairs.

func (s *scene) byRole() {
	devices, users := s.of(entity.Device), s.of(entity.User)
	s.hops(devices)
	s.accounts(devices, users)
	s.processes(devices, users)
	s.addresses(devices, users)
	s.sites(devices, users)
	s.mail(users)
	s.services(users)
	s.clouds(users)
	s.findings()
}

// hops: from the device that is the source to those that are the target. Only
// some tactics mean that an attacker went there.
func (s *scene) hops(devices []int32) {
	from := s.of(entity.Device, alert.RoleSource)
	if len(from) == 0 {
		return
	}
	verb := Connected
	switch s.items[s.at].tactic {
	case alert.TacticLateralMovement, alert.TacticExecution, alert.TacticPersistence, alert.TacticPrivilegeEscalation, alert.TacticImpact:
		verb = Moved
	}
	for _, to := range without(devices, from) {
		s.tie(from[0], to, verb)
	}
}

func (s *scene) accounts(devices, users []int32) {
	to := without(devices, s.of(entity.Device, alert.RoleSource))
	verb := Active
	if s.items[s.at].tactic == alert.TacticLateralMovement || s.items[s.at].tactic == alert.TacticInitialAccess {
		verb = SignedIn
	}
	for _, u := range users {
		s.tie(u, firstOf(to, devices), verb)
	}
	if len(users) > 0 && len(to) > 1 {
		for _, d := range to[1:] {
			s.tie(users[0], d, verb)
		}
	}
}

// processes without a known parent hang on their device.
func (s *scene) processes(devices, users []int32) {
	home := firstOf(without(devices, s.of(entity.Device, alert.RoleSource)), devices)
	procs := s.of(entity.Process)
	for _, p := range procs {
		if !s.child[p] {
			if home >= 0 {
				s.tie(home, p, Ran)
			} else {
				s.tie(firstOf(users), p, Active)
			}
		}
	}
	wrote := s.of(entity.File, alert.RoleCreated, alert.RoleEdited)
	for _, f := range s.of(entity.File) {
		switch {
		case s.tied[f]:
		case slices.Contains(wrote, f) && len(procs) > 0:
			s.tie(procs[0], f, Wrote)
		case home >= 0:
			s.tie(home, f, Holds)
		case len(s.own(entity.Mail)) > 0:
			s.tie(s.own(entity.Mail)[0], f, Contains)
		}
	}
	for _, g := range s.of(entity.Registry) {
		s.tie(firstOf(procs, devices), g, Wrote)
	}
	for _, c := range s.of(entity.Container) {
		if home >= 0 && !s.tied[c] {
			s.tie(home, c, Holds)
		}
	}
}

// addresses: outside ones reach in as source or attacker, are reached as
// target or control server.
func (s *scene) addresses(devices, users []int32) {
	ips := s.of(entity.IP)
	in := s.of(entity.IP, alert.RoleSource, alert.RoleAttacker)
	out := without(s.of(entity.IP, alert.RoleDestination, alert.RoleCommandAndControl, alert.RoleScanned), in)
	target := firstOf(without(devices, s.of(entity.Device, alert.RoleSource)), s.of(entity.Container), users, s.of(entity.App), s.of(entity.CloudResource))
	mails := s.own(entity.Mail)
	for _, ip := range in {
		switch {
		case len(mails) > 0:
			if !s.tied[ip] {
				s.tie(ip, mails[0], Sent)
			}
		case len(out) > 0 && len(devices) == 0:
			s.tie(ip, out[0], Connected)
		case len(users) > 0 && (len(devices) == 0 || s.signIn()):
			s.signedIn(ip, users)
		case target >= 0:
			s.tie(ip, target, Connected)
		}
	}
	for _, ip := range out {
		s.tie(firstOf(s.own(entity.Process), devices, in, s.of(entity.Container), s.of(entity.CloudResource), users), ip, Connected)
	}
	for _, ip := range without(without(ips, in), out) {
		if len(users) > 0 && len(devices) == 0 && !s.tied[ip] {
			s.signedIn(ip, users)
		}
	}
}

// signedIn ties an address to an account, the first address to all accounts.
// An account that is only named as attacked was tried, not entered.
func (s *scene) signedIn(ip int32, users []int32) {
	if s.signedFrom {
		users = users[:1]
	}
	s.signedFrom = true
	tried := without(s.of(entity.User, alert.RoleAttacked), s.of(entity.User, alert.RoleCompromised))
	for _, u := range users {
		verb := SignedIn
		if slices.Contains(tried, u) {
			verb = Tried
		}
		s.tie(ip, u, verb)
	}
}

func (s *scene) signIn() bool {
	t := s.items[s.at].tactic
	return len(s.of(entity.Process)) == 0 && (t == alert.TacticInitialAccess || t == alert.TacticCredentialAccess)
}

func (s *scene) sites(devices, users []int32) {
	mails, procs := s.own(entity.Mail), s.own(entity.Process)
	for _, kind := range []entity.Kind{entity.URL, entity.Domain} {
		for _, u := range s.of(kind) {
			if s.tied[u] {
				continue
			}
			switch {
			case len(procs) > 0:
				s.tie(procs[0], u, Connected)
			case len(mails) > 0:
				s.tie(mails[0], u, Contains)
			case len(devices) > 0:
				s.tie(devices[0], u, Connected)
			case len(users) > 0:
				s.tie(users[0], u, Connected)
			case len(s.of(entity.IP, alert.RoleSource, alert.RoleAttacked)) > 0:
				s.tie(s.of(entity.IP, alert.RoleSource, alert.RoleAttacked)[0], u, Connected)
			}
		}
	}
}

func (s *scene) mail(users []int32) {
	boxes := s.of(entity.Mailbox)
	for _, m := range s.own(entity.Mail) {
		if len(boxes) > 0 {
			s.tie(m, boxes[0], Received)
		} else {
			s.tie(m, firstOf(users), Received)
		}
	}
	for _, c := range s.of(entity.MailCluster) {
		s.tie(c, firstOf(boxes, users), Received)
	}
	for _, b := range boxes {
		s.mailbox(b, users)
	}
}

// mailbox: the owner's account has the same address; another account has
// opened it when it was taken over.
func (s *scene) mailbox(b int32, users []int32) {
	for _, u := range users {
		if strings.EqualFold(s.things[u].Label, s.things[b].Label) {
			s.tie(u, b, Owns)
			return
		}
	}
	if taken := s.of(entity.User, alert.RoleCompromised, alert.RoleAttacker); len(taken) > 0 && len(s.own(entity.Mail)) == 0 {
		s.tie(taken[0], b, Accessed)
	}
}

func (s *scene) services(users []int32) {
	for _, app := range s.of(entity.App) {
		reads := slices.Contains(s.of(entity.App, alert.RoleAttacker), app)
		for _, box := range s.of(entity.Mailbox) {
			if reads {
				s.tie(app, box, Read)
			}
		}
		for _, u := range users {
			if reads {
				s.tie(app, u, Read)
			} else {
				s.tie(u, app, Used)
			}
		}
	}
	for _, x := range s.of(entity.Session) {
		s.tie(firstOf(users, s.of(entity.Device)), x, Used)
	}
}

// clouds: an identity that acts is itself a cloud resource with the role of
// the one who was taken over or attacks.
func (s *scene) clouds(users []int32) {
	all := append(s.of(entity.CloudResource), s.of(entity.Container)...)
	who := append(s.of(entity.CloudResource, alert.RoleCompromised, alert.RoleAttacker), s.of(entity.Container, alert.RoleCompromised, alert.RoleAttacker)...)
	made := append(s.of(entity.CloudResource, alert.RoleCreated, alert.RoleEdited), s.of(entity.Container, alert.RoleCreated, alert.RoleEdited)...)
	actor := firstOf(who, users)
	for _, x := range without(all, who) {
		switch {
		case actor < 0:
		case slices.Contains(made, x):
			s.tie(actor, x, Changed)
		default:
			s.tie(actor, x, Accessed)
		}
	}
	for _, ip := range s.of(entity.IP, alert.RoleAttacker) {
		s.tie(ip, firstOf(who), Accessed)
	}
}

func (s *scene) findings() {
	for _, x := range s.of(entity.Malware) {
		s.tie(firstOf(s.of(entity.File), s.of(entity.Process)), x, Identified)
	}
}
