package dev.tercet.interop

import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.use
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.StandardProtocolFamily.INET6
import java.net.StandardSocketOptions.IP_MULTICAST_IF
import java.nio.ByteBuffer
import dev.tercet.blocking.UdpSocket as JavaUdpSocket

/**
 * A member of a group and a sender, inside a namespace; prints what the member has received. Arguments: java or kotlin; the interface; the
 * group. The member hears neither what came before it joined nor what came after it left.
 */
fun main(args: Array<String>) {
    val (language, device, name) = args
    val on = NetworkInterface.getByName(device)
    val group = InetAddress.getByName(name)
    if (language == "java") inJava(on, group) else runOnLoop { inKotlin(on, group) }
}

private fun inJava(on: NetworkInterface, group: InetAddress) {
    JavaUdpSocket.open(INET6).use { member ->
        JavaUdpSocket.open(INET6).use { sender ->
            member.bind(InetSocketAddress("::", 0))
            val port = (member.localAddress() as InetSocketAddress).port
            sender.setOption(IP_MULTICAST_IF, on)
            sender.sendTo("too early".buffer(), InetSocketAddress(group, port))
            member.joinGroup(group, on)
            sender.sendTo("to all".buffer(), InetSocketAddress(group, port))
            println(ByteBuffer.allocate(100).also { member.receiveFrom(it) }.text())
            member.leaveGroup(group, on)
            sender.sendTo("too late".buffer(), InetSocketAddress(group, port))
            sender.sendTo("to you".buffer(), InetSocketAddress("::1", port))
            println(ByteBuffer.allocate(100).also { member.receiveFrom(it) }.text())
        }
    }
}

private suspend fun inKotlin(on: NetworkInterface, group: InetAddress) {
    UdpSocket.open(INET6).use { member ->
        UdpSocket.open(INET6).use { sender ->
            member.bind(InetSocketAddress("::", 0))
            val port = (member.localAddress as InetSocketAddress).port
            sender.setOption(IP_MULTICAST_IF, on)
            sender.sendTo("too early".buffer(), InetSocketAddress(group, port))
            member.joinGroup(group, on)
            sender.sendTo("to all".buffer(), InetSocketAddress(group, port))
            println(ByteBuffer.allocate(100).also { member.receiveFrom(it) }.text())
            member.leaveGroup(group, on)
            sender.sendTo("too late".buffer(), InetSocketAddress(group, port))
            sender.sendTo("to you".buffer(), InetSocketAddress("::1", port))
            println(ByteBuffer.allocate(100).also { member.receiveFrom(it) }.text())
        }
    }
}

private fun String.buffer() = ByteBuffer.wrap(encodeToByteArray())

private fun ByteBuffer.text() = flip().let { Charsets.UTF_8.decode(it).toString() }
