#!/usr/bin/perl
# A second verifier, written from docs/trail-format.md alone, to test the format.
# Usage: perl verify.pl FOLDER. Exit code: 0 if all holds, 1 otherwise.
use strict;
use warnings;
use Digest::SHA qw(sha256 sha256_hex);
use Encode qw(encode);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64;

my $folder = shift @ARGV;
my $json   = JSON::PP->new->utf8;
my $faults = 0;

sub fault { print STDERR "@_\n"; $faults++; return }
sub lines { open my $in, '<:raw', "$folder/$_[0]" or die "$_[0]: $!"; chomp(my @l = <$in>); return @l }
sub rows {
    my ($name, @columns) = @_;
    my @rows = map { $json->decode($_) } lines($name);
    for my $row (@rows) { exists $row->{$_} or die "$name: no $_\n" for @columns }
    return @rows;
}
sub octets { my $text = shift; utf8::encode($text); return $text }

# What RFC 8785 writes for some JSON: names in order, nothing around, one way to escape.
my $string = qr/"(?:[^"\\\x00-\x1f]++|\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f])))*+"/;
my %meant  = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");

sub name {
    my $quoted = substr shift, 1, -1;
    $quoted =~ s{\\(?:u(....)|(.))}{defined $1 ? chr hex $1 : $meant{$2} // $2}ge;
    return encode('UTF-16BE', $quoted);
}

sub follows {    # the members of an object or of an array, up to what closes it
    my ($close, $names, $before) = @_;
    return 1 if /\G$close/gc;
    while (1) {
        if ($names) {
            /\G($string):/gc or return 0;
            my $name = name($1);
            return 0 if defined $before && $name le $before;
            $before = $name;
        }
        value() or return 0;
        return 1 if /\G$close/gc;
        /\G,/gc or return 0;
    }
}

sub value {
    return follows(qr/\}/, 1) if /\G\{/gc;
    return follows(qr/\]/, 0) if /\G\[/gc;
    return 1 if /\G(?:$string|true|false|null)/gc;
    return 0 unless /\G(0|-?[1-9][0-9]{0,15})(?![0-9.eE])/gc;
    return abs $1 <= 9007199254740991;
}

sub canonical {
    local $_ = shift;
    pos = 0;
    return /\G\{/ && value() && pos == length;
}

my $said = $json->decode(join "\n", lines('export.json'));
die "unknown format\n" unless $said->{format} eq 'workflow-trail/1';
die "no period\n" unless exists $said->{period};
my @leaves = map { /^([0-9a-f]{64})$/ ? pack('H*', $1) : die "leaf\n" } lines('leaves.txt');
my %sealed = map { $_ => 1 } @leaves;
my %covered;

sub leaf {
    my ($where, $index, $hash) = @_;
    if (!defined $index) {
        fault("$where: sealed, and not said so") if $sealed{$hash};
        return;
    }
    return fault("$where: no leaf $index")
        if $index !~ /^\d+$/ || $index > $#leaves || $covered{$index}++;
    fault("$where: leaf $index is not its own") if $leaves[$index] ne $hash;
    return;
}

# Each case: its chain, its end, its texts.
my (%trails, @order);
for my $event (rows('events.jsonl', qw(case seq previous_hash body hash leaf salt text))) {
    my $case = $event->{case};
    fault("$case: in pieces") if $trails{$case} && $order[-1] ne $case;
    push @order, $case unless $trails{$case};
    push @{ $trails{$case} }, $event;
}
for my $case (@order) {
    my ($head, $number, %erased) = ('', 0);
    for my $event (@{ $trails{$case} }) {
        my $where = "$case/$event->{seq}";
        my $body  = octets($event->{body});
        my $told  = $json->decode($body);
        fault("$where: not next") if $event->{seq} != ++$number;
        fault("$where: not linked") if $event->{previous_hash} ne unpack 'H*', $head;
        $head = sha256("workflow/event/1\n" . pack('H*', $event->{previous_hash}) . $body);
        fault("$where: another hash") if $event->{hash} ne unpack 'H*', $head;
        fault("$where: another body")
            if $told->{case} ne $case || $told->{seq} != $event->{seq};
        fault("$where: not canonical") unless canonical($event->{body});
        if ($told->{kind} eq 'erasure') {
            $erased{$_} = 1 for grep { $_ < $number } @{ $told->{facts}{erased} };
        }
        leaf($where, $event->{leaf}, $head);
    }
    for my $event (@{ $trails{$case} }) {
        my $where = "$case/$event->{seq}";
        if (!defined $event->{text} && !defined $event->{salt}) {
            fault("$where: texts missing") unless $erased{ $event->{seq} };
            next;
        }
        die "$where: salt\n" unless $event->{salt} =~ /^[0-9a-f]{32}\z/;
        fault("$where: texts not canonical") unless canonical($event->{text});
        my $committed = sha256_hex(pack('H*', $event->{salt}) . octets($event->{text}));
        fault("$where: texts changed") if $committed ne $json->decode(octets($event->{body}))->{texts};
    }
    my $end = $said->{cases}{$case} || [0, ''];
    my $last = $trails{$case}[-1];
    fault("$case: another end") if $end->[0] != $last->{seq} || $end->[1] ne $last->{hash};
}
$trails{$_} or fault("$_: missing") for keys %{ $said->{cases} };

# The register: what is of no case, or came to nothing.
my ($before, $entries, %gone, %told) = ('', 0);
for my $entry (rows('entries.jsonl', qw(body hash leaf salt text))) {
    my $where = 'entry ' . ++$entries;
    my $body  = octets($entry->{body});
    my $said_there = $json->decode($body);
    my $place = sprintf '%020d %s', $entry->{leaf} // scalar @leaves, $entry->{hash};
    fault("$where: out of order") if $place le $before;
    $before = $place;
    my $hash = sha256("workflow/entry/1\n$body");
    fault("$where: another hash") if $entry->{hash} ne unpack 'H*', $hash;
    leaf($where, $entry->{leaf}, $hash);
    if ($said_there->{kind} eq 'erased') { $told{$_} = 1 for @{ $said_there->{facts}{entries} || [] } }
    elsif (!$said->{whole} && !$said->{cases}{ $said_there->{case} // '' }) {
        my ($since, $until) = @{ $said->{period} || ['', ''] };
        fault("$where: of another case, and day")
            if $said_there->{at} lt $since || $said_there->{at} ge $until;
    }
    fault("$where: not canonical") unless canonical($entry->{body});
    if (!defined $entry->{text} && !defined $entry->{salt}) { $gone{ $entry->{hash} } = $where; next }
    die "$where: salt\n" unless $entry->{salt} =~ /^[0-9a-f]{32}\z/;
    fault("$where: texts not canonical") unless canonical($entry->{text});
    fault("$where: texts changed")
        if sha256_hex(pack('H*', $entry->{salt}) . octets($entry->{text})) ne $said_there->{texts};
}
$told{$_} or fault("$gone{$_}: texts missing") for keys %gone;
fault("$entries entries") if $entries != $said->{entries};

# The keys, and what is sealed.
my ($previous, @keys);
for my $key (rows('keys.jsonl', qw(verifier body leaf))) {
    my $body = octets($key->{body});
    my $told = $json->decode($body);
    fault('key: another declaration')
        if $told->{key} ne $key->{verifier} || ($told->{previous} // '') ne ($previous // '');
    fault('key: not in the log') unless defined $key->{leaf};
    fault('key: not canonical') unless canonical($key->{body});
    leaf('key', $key->{leaf}, sha256("workflow/key/1\n$body"));
    $previous = $key->{verifier};
    push @keys, $key;
}
if ($said->{whole}) { $covered{$_} or fault("leaf $_: of nothing") for 0 .. $#leaves }

# The root of the first leaves, computed as RFC 9162 defines it.
sub root {
    my ($from, $to) = @_;
    return sha256("\0" . $leaves[$from]) if $to - $from == 1;
    my $cut = 1;
    $cut *= 2 while $cut * 2 < $to - $from;
    return sha256("\1" . root($from, $from + $cut) . root($from + $cut, $to));
}

sub signed_by {
    my ($text, $line, $verifier) = @_;
    my ($name, $id, $encoded) = split /\+/, $verifier, 3;
    my $public = decode_base64($encoded);
    my ($signer, $signature) = $line =~ /^\xe2\x80\x94 (\S+) ([A-Za-z0-9+\/=]+)$/ or return 0;
    $signature = decode_base64($signature);
    return 0 if $signer ne $name || unpack('H8', $signature) ne $id;
    return 0 if substr(sha256_hex("$name\n$public"), 0, 8) ne $id;
    return 0 if length $public != 33 || ord $public != 1;
    my $place = tempdir(CLEANUP => 1);
    my %parts = (
        key  => pack('H*', '302a300506032b6570032100') . substr($public, 1),
        text => $text,
        sig  => substr($signature, 4),
    );
    for my $part (keys %parts) {
        open my $out, '>:raw', "$place/$part" or die $!;
        print {$out} $parts{$part};
        close $out;
    }
    return system("openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey $place/key"
            . " -in $place/text -sigfile $place/sig >/dev/null 2>&1") == 0;
}

my ($size, $former, $trusted) = (0, '');
for my $note (map { octets($json->decode($_)->{note}) } lines('checkpoints.jsonl')) {
    my ($text, $signatures) = $note =~ /^(.*\n)\n((?:[^\n]+\n)+)$/s or die "a note\n";
    my ($origin, $count, $root, $moment, @more) = split /\n/, $text, -1;
    die "a size\n" unless $count =~ /^[1-9]\d*$/;
    fault("checkpoint $count: out of place")
        if $count <= $size || "@more" ne '' || @more != 1 || $moment lt $former
        || $moment !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\z/a;
    $former = $moment;
    my @below = map { $_->{verifier} } grep { $_->{leaf} >= $size && $_->{leaf} < $count } @keys;
    $trusted //= $below[0];
    my %vouching;
    for my $line (split /\n/, $signatures) {
        my @by = grep { signed_by($text, $line, $_) } $trusted, @below;
        fault("checkpoint $count: a false signature") unless @by;
        $vouching{$_} = 1 for @by;
    }
    fault("checkpoint $count: not signed") unless $vouching{$trusted};
    fault("checkpoint $count: another root")
        if $count > @leaves || $origin ne $said->{origin}
        || $root ne encode_base64(root(0, $count), '');
    $trusted = $below[-1] if @below;
    $size = $count;
}
fault('leaves that nobody signs') if $size != @leaves;
print "$faults faults\n";
exit($faults ? 1 : 0);
