using System.Buffers.Binary;

namespace NexusGen.Tests.Weights;

/// <summary>Archives with false information about their entries, or that different readers interpret differently.</summary>
public sealed class HostileZipTests : IDisposable
{
    private static readonly byte[] Pickle = new PickleBuilder().Int(1).Stop();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Refused(string said, params ZipRecord[] records) => Refused(said, false, records);

    private void Refused(string said, bool zip64, params ZipRecord[] records)
    {
        ZipBuilder.Write(_folder["a.bin"], [new("x/data.pkl", Pickle), .. records], zip64);
        Said.ByOpening(_folder["a.bin"], said, _folder["a.bin"]);
    }

    private string Changed(Action<byte[]> change, bool zip64 = false)
    {
        ZipBuilder.Write(_folder["a.bin"], [new("x/data.pkl", Pickle)], zip64);
        byte[] bytes = File.ReadAllBytes(_folder["a.bin"]);
        change(bytes);
        File.WriteAllBytes(_folder["a.bin"], bytes);
        return _folder["a.bin"];
    }

    [Theory]
    [InlineData("x/../../evil")]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("x\\data\\0")]
    [InlineData("C:evil")]
    [InlineData("x/\0")]
    [InlineData("")]
    public void RefusesNamesThatLeadElsewhere(string name) =>
        Refused("name is not a plain relative path", new ZipRecord(name, [1]));

    [Fact]
    public void RefusesDoubledNames() =>
        Refused("two entries with the name x/data/0", new ZipRecord("x/data/0", [1]), new ZipRecord("x/data/0", [2]));

    [Fact]
    public void RefusesCompressedEntries() =>
        Refused("compressed entry, x/data/0", new ZipRecord("x/data/0", [1]) { Method = 8 });

    [Fact]
    public void RefusesEncryptedEntries() => Refused("encrypted entry, x/data/0", new ZipRecord("x/data/0", [1]) { Flags = 1 });

    [Fact]
    public void RefusesTwoEntriesOverTheSameBytes()
    {
        // The claimed length of the first entry covers the second, as in zip bombs with shared bytes.
        Refused("overlap", new ZipRecord("x/data/0", [1]) { ClaimedLength = 100 }, new ZipRecord("x/data/1", new byte[200]));
    }

    [Fact]
    public void RefusesEntriesBeyondTheirDirectory() =>
        Refused("reaches beyond its end, x/data/0", new ZipRecord("x/data/0", [1]) { ClaimedLength = 1 << 20 });

    [Fact]
    public void RefusesEntriesBeyondAllNumbers() =>
        Refused("x/data/0", true, new ZipRecord("x/data/0", [1]) { ClaimedLength = long.MaxValue });

    [Fact]
    public void RefusesEntriesOfNegativeSize() =>
        Refused("impossible size", true, new ZipRecord("x/data/0", [1]) { ClaimedLength = -5 });

    [Fact]
    public void RefusesEntriesOfNegativePlace() =>
        Refused("an impossible size or position", true, new ZipRecord("x/data/0", [1]) { ClaimedStart = -5 });

    [Fact]
    public void RefusesEntriesAtNoHeader() =>
        Refused("disagrees with the entry x/data/0", new ZipRecord("x/data/0", [1]) { ClaimedStart = 7 });

    [Fact]
    public void RefusesEntriesUnderAnotherName() =>
        Refused("disagrees with the entry x/data/0", new ZipRecord("x/data/0", [1]) { LocalName = "x/data/1" });

    [Fact]
    public void RefusesBigEndianArchives() => Refused("little-endian", new ZipRecord("x/byteorder", "big"u8.ToArray()));

    [Fact]
    public void RefusesALongByteOrder() => Refused("little-endian", new ZipRecord("x/byteorder", new byte[1 << 20]));

    [Fact]
    public void RefusesTorchScript() => Refused("TorchScript", new ZipRecord("x/constants.pkl", Pickle));

    [Fact]
    public void RefusesTwoPickles() => Refused("does not contain exactly one data.pkl", new ZipRecord("y/data.pkl", Pickle));

    [Fact]
    public void RefusesAnyOtherZip()
    {
        ZipBuilder.Write(_folder["a.bin"], [new("word/document.xml", [1])]);
        Said.ByOpening(_folder["a.bin"], "not a PyTorch archive");
    }

    [Fact]
    public void RefusesAnArchiveThatIsCut()
    {
        ZipBuilder.Write(_folder["a.bin"], [new("x/data.pkl", Pickle), new("x/data/0", new byte[1000])]);
        File.WriteAllBytes(_folder["a.bin"], File.ReadAllBytes(_folder["a.bin"])[..500]);
        Said.ByOpening(_folder["a.bin"], "no directory at its end", "truncated");
    }

    [Fact]
    public void RefusesADirectoryThatIsElsewhere() =>
        Said.ByOpening(Changed(bytes => bytes[^6]++), "directory at byte");

    [Fact]
    public void RefusesMoreEntriesThanTheDirectoryHolds() =>
        Said.ByOpening(Changed(bytes => bytes[^12] = bytes[^14] = 9), "directory of 9 entries");

    [Fact]
    public void RefusesFewerEntriesThanTheDirectoryHolds() =>
        Said.ByOpening(Changed(bytes => bytes[^12] = bytes[^14] = 0), "data after the entries");

    [Fact]
    public void RefusesSeveralDisks() => Said.ByOpening(Changed(bytes => bytes[^18] = 1), "one part of a multi-part archive");

    [Fact]
    public void RefusesANameBeyondTheDirectory() =>
        Said.ByOpening(
            Changed(bytes =>
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 22 - 46 - 10 + 28), 60000)),
            "ends at entry 0");

    [Fact]
    public void RefusesAZip64LocatorThatPointsOutside() =>
        Said.ByOpening(Changed(bytes => bytes[^30] = 0x70, zip64: true), "zip64 locator that points outside");

    [Fact]
    public void RefusesAZip64LocatorThatPointsAtNothing() =>
        Said.ByOpening(
            Changed(bytes => bytes.AsSpan(bytes.Length - 22 - 20 + 8, 8).Clear(), zip64: true),
            "points to no zip64 record");

    [Fact]
    public void RefusesABillionEntries() => Said.ByOpening(
        Changed(
            bytes => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(bytes.Length - 22 - 20 - 56 + 32), 1_000_000_000),
            zip64: true),
        "one part");

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void RefusesBarePicklesWithTheRemedy(byte protocol)
    {
        File.WriteAllBytes(
            _folder["a.pt"],
            new PickleBuilder(protocol).Raw(0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).Stop());
        Said.ByOpening(_folder["a.pt"], "legacy format", "torch.save");
    }
}
