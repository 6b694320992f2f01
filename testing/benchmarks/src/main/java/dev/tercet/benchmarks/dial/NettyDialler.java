package dev.tercet.benchmarks.dial;

import dev.tercet.benchmarks.load.DialTargets;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;

/** Netty's {@code Bootstrap} with one event loop on NIO, to the first address. */
@SuppressWarnings("FutureReturnValueIgnored")
public final class NettyDialler implements Dialler {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Makes one. */
  public NettyDialler() {}

  @Override
  public void start(Orders.Order order) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .remoteAddress(new InetSocketAddress(DialTargets.addresses().get(0), order.port()));
    connect(bootstrap, order);
  }

  private static void connect(Bootstrap bootstrap, Orders.Order order) {
    if (order.hasEnded()) {
      order.done();
      return;
    }
    ChannelFuture connected = bootstrap.clone().handler(new CloseAtOnce()).connect();
    connected.channel().closeFuture().addListener(closed -> connect(bootstrap, order));
  }

  private static final class CloseAtOnce extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
