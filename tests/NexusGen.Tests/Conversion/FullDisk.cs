namespace NexusGen.Tests.Conversion;

/// <summary>A disk that has room for some bytes only.</summary>
internal sealed class FullDisk(long room)
{
    private long _room = room;

    public Stream Open(string path) => new File(this, path);

    private sealed class File(FullDisk disk, string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.Write)
    {
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            disk._room -= buffer.Length;
            if (disk._room < 0)
            {
                throw new IOException("No space left on device.");
            }

            base.Write(buffer);
        }
    }
}
