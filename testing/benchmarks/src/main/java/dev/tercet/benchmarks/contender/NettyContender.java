package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Netty with one event loop, as its own examples are written. Failures come as events, so nobody
 * looks at the futures.
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class NettyContender implements Contender {
  private final IoHandlerFactory io;
  private final Class<? extends ServerChannel> channelClass;

  /** Null for none. */
  private final @Nullable SslContext tls;

  private NettyContender(
      IoHandlerFactory io, Class<? extends ServerChannel> channelClass, @Nullable SslContext tls) {
    this.io = io;
    this.channelClass = channelClass;
    this.tls = tls;
  }

  /**
   * On NIO.
   *
   * @return a contender
   */
  public static NettyContender nio() {
    return new NettyContender(NioIoHandler.newFactory(), NioServerSocketChannel.class, null);
  }

  /**
   * On its native transport.
   *
   * @return a contender
   */
  public static NettyContender epoll() {
    return new NettyContender(EpollIoHandler.newFactory(), EpollServerSocketChannel.class, null);
  }

  /**
   * TLS on NIO, with the JDK's provider.
   *
   * @return a contender
   */
  public static NettyContender tls() {
    SslContext tls =
        new JdkSslContext(
            BenchContexts.server(),
            false,
            null,
            IdentityCipherSuiteFilter.INSTANCE,
            null,
            ClientAuth.NONE,
            new String[] {BenchContexts.PROTOCOL},
            false);
    return new NettyContender(NioIoHandler.newFactory(), NioServerSocketChannel.class, tls);
  }

  @Override
  public int serve(Work work) throws InterruptedException {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
    Channel listener =
        new ServerBootstrap()
            .group(group, group)
            .channel(channelClass)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel.pipeline().addLast(handler(work));
                  }
                })
            .bind(Contender.anyPort())
            .sync()
            .channel();
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  private static ChannelInboundHandlerAdapter handler(Work work) {
    return switch (work) {
      case ECHO, IDLE -> new Echo();
      case SINK -> new Sink();
      case SOURCE -> new Source(work.bufferBytes());
    };
  }

  private static class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // The peer has gone.
      context.close();
    }
  }

  private static final class Echo extends Quiet {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }

  private static final class Sink extends Quiet {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  private static final class Source extends Quiet {
    private final ByteBuf chunk;

    Source(int bytes) {
      chunk = Unpooled.directBuffer(bytes).writeZero(bytes);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      fill(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      fill(context);
    }

    private void fill(ChannelHandlerContext context) {
      while (context.channel().isWritable() && context.channel().isActive()) {
        context.writeAndFlush(chunk.retainedDuplicate(), context.voidPromise());
      }
    }
  }
}
