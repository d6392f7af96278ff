#!/usr/bin/perl
# Carries every frame between two interfaces and holds each back for a while: the lab's slow line, since the kernel has no
# netem. Arguments: interface, interface, milliseconds each way. Runs until it is killed.
use strict;
use warnings;
use Socket;
use Time::HiRes qw(time);

# linux/if_packet.h, linux/if_ether.h; the header in front of each frame keeps checksums that are still to be computed.
use constant { AF_PACKET => 17, ETH_P_ALL => 3, SOL_PACKET => 263, PACKET_VNET_HDR => 15, PACKET_OUTGOING => 4 };
my ($left, $right, $delayMs) = @ARGV;
# More than this wait only when somebody floods the line: then it loses, as lines do.
my $most = 20_000;

sub interfaceNumber {
    my ($name) = @_;
    open my $file, '<', "/sys/class/net/$name/ifindex" or die "$name: $!\n";
    chomp(my $number = <$file>);
    return $number;
}

sub openInterface {
    my ($name) = @_;
    socket(my $socket, AF_PACKET, SOCK_RAW, unpack('S', pack('n', ETH_P_ALL))) or die "socket: $!\n";
    setsockopt($socket, SOL_PACKET, PACKET_VNET_HDR, pack('i', 1)) or die "vnet header: $!\n";
    bind($socket, pack('S n l S C C a8', AF_PACKET, ETH_P_ALL, interfaceNumber($name), 0, 0, 0, '')) or die "bind: $!\n";
    return $socket;
}

my @sides = map { openInterface($_) } ($left, $right);
my @waiting;
$| = 1;
print "ready\n";
while (1) {
    my $readable = '';
    vec($readable, fileno($_), 1) = 1 for @sides;
    my $rest = @waiting ? $waiting[0][0] - time() : undef;
    $rest = 0 if defined $rest && $rest < 0;
    select(my $ready = $readable, undef, undef, $rest);
    for my $side (0, 1) {
        next unless vec($ready, fileno($sides[$side]), 1);
        my $from = recv($sides[$side], my $frame, 70_000, 0);
        next unless defined $from;
        my $kind = (unpack('S n l S C C', $from))[4];
        push @waiting, [time() + $delayMs / 1_000, 1 - $side, $frame] if $kind != PACKET_OUTGOING && @waiting < $most;
    }
    while (@waiting && $waiting[0][0] <= time()) {
        my (undef, $side, $frame) = @{ shift @waiting };
        send($sides[$side], $frame, 0);
    }
}
