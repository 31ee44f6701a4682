using System.Text;

namespace NexusGen.Tests.Server;

/// <summary>A response body that runs a callback once, before the first write that contains a word.</summary>
internal sealed class InterceptedStream(Stream inner, string word, Func<Stream, CancellationToken, ValueTask> happening) : Stream
{
    public bool HasHappened { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!HasHappened && buffer.Span.IndexOf(Encoding.UTF8.GetBytes(word)) >= 0)
        {
            HasHappened = true;
            await happening(inner, cancellationToken);
        }

        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
