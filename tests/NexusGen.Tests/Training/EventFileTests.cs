using System.Buffers.Binary;
using NexusGen.Training.Logging;
using Tensorboard;

namespace NexusGen.Tests.Training;

public class EventFileTests
{
    [Fact]
    public void TensorBoardsOwnMessagesReadIt()
    {
        using var folder = new TemporaryFolder();
        using (var file = new EventFile(folder.Path, firstStep: 300))
        {
            file.Add(301, [("train/loss", 0.25), ("train/learning_rate", 1e-3)]);
        }

        string path = Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Contains("tfevents", path);
        List<Event> events = Read(path);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((300, SessionLog.Types.SessionStatus.Start), (events[1].Step, events[1].SessionLog.Status));
        Assert.Equal(301, events[2].Step);
        Assert.InRange(events[2].WallTime, 1.7e9, 1e10);
        Assert.Equal(
            [("train/loss", 0.25f), ("train/learning_rate", 1e-3f)],
            events[2].Summary.Value.Select(value => (value.Tag, value.SimpleValue)));
    }

    [Fact]
    public void ImagesToo()
    {
        using var folder = new TemporaryFolder();
        byte[] png = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        using (var file = new EventFile(folder.Path, firstStep: 0))
        {
            file.Add(7, "sample/1", 64, 48, png);
        }

        Event last = Read(Assert.Single(Directory.GetFiles(folder.Path)))[^1];
        Summary.Types.Value value = Assert.Single(last.Summary.Value);
        Assert.Equal((7, "sample/1"), (last.Step, value.Tag));
        Assert.Equal((64, 48, 3), (value.Image.Width, value.Image.Height, value.Image.Colorspace));
        Assert.Equal(png, value.Image.EncodedImageString.ToByteArray());
    }

    private static List<Event> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<Event> events = [];
        for (int place = 0; place < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(place));
            Assert.Equal(Checksum(bytes.AsSpan(place, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(place + 8)));
            Assert.Equal(
                Checksum(bytes.AsSpan(place + 12, length)),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(place + 12 + length)));
            events.Add(Event.Parser.ParseFrom(bytes, place + 12, length));
            place += 16 + length;
        }

        return events;
    }

    // Computes CRC-32C bit by bit, masked as in TFRecord files.
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82f63b78);
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
