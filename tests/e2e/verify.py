"""Signatures judged by programs that share no code with gatepost: Mail::DKIM (perl) and dkimpy."""

import subprocess

import signer
from world import Cannot, program

_PERL = r"""
use strict; use warnings;
use Mail::DKIM::Verifier; use Mail::DKIM::DNS;
my %keys;
open my $in, '<', $ARGV[0] or die $!;
while (<$in>) { chomp; my ($name, $text) = split / /, $_, 2; $keys{lc $name} = $text; }
{ package Answer; sub new { bless {text => $_[1]}, $_[0] } sub type { 'TXT' } sub txtdata { $_[0]{text} }
  sub char_str_list { ($_[0]{text}) } }
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub { my ($name, $type) = @_; my $text = $keys{lc $name};
    return $type eq 'TXT' && defined $text ? (Answer->new($text)) : (); };
my $dkim = Mail::DKIM::Verifier->new;
binmode STDIN; local $/; $dkim->PRINT(<STDIN>); $dkim->CLOSE;
for my $s ($dkim->signatures) {
    my $kind = $s->isa('Mail::DKIM::DkSignature') ? 'domainkeys' : 'dkim';
    print join(' ', $kind, $s->domain, $s->selector, $s->algorithm, $s->result), "\n";
}
"""


def mail_dkim(data, records, world):
    """{(kind, domain, selector, algorithm): result} of all signatures; records: {name: text}."""
    keys = world.write("mail-dkim-keys", "".join("%s %s\n" % item for item in records.items()))
    done = subprocess.run([program("perl"), "-e", _PERL, keys], input=data, capture_output=True, timeout=60, check=False)
    if b"Can't locate Mail/DKIM" in done.stderr:
        raise Cannot("the Perl module Mail::DKIM is not here (package libmail-dkim-perl)")
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    return {tuple(words[:4]): words[4] for words in lines}


def dkimpy(data, records):
    """{(domain, selector, algorithm): verified} of all DKIM signatures."""
    dkim = signer._dkim()

    def text(name, timeout=5):
        name = name.decode() if isinstance(name, bytes) else name
        return records.get(name.rstrip("."), "").encode()

    message = dkim.DKIM(data, minkey=1024)
    found = {}
    for i in range(sum(1 for name, _ in message.headers if name.lower() == b"dkim-signature")):
        good = message.verify(idx=i, dnsfunc=text)
        fields = message.signature_fields
        found[tuple(fields[tag].decode() for tag in (b"d", b"s", b"a"))] = good
    return found
