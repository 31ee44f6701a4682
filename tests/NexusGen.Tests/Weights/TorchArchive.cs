using System.Runtime.InteropServices;

namespace NexusGen.Tests.Weights;

/// <summary>Writes PyTorch archives with a given pickle.</summary>
internal static class TorchArchive
{
    public static string Write(string path, byte[] pickle, params ReadOnlySpan<(string Key, byte[] Bytes)> storages)
    {
        List<ZipRecord> records = [new("archive/data.pkl", pickle), new("archive/byteorder", "little"u8.ToArray())];
        foreach ((string key, byte[] bytes) in storages)
        {
            records.Add(new($"archive/data/{key}", bytes));
        }

        ZipBuilder.Write(path, records);
        return path;
    }

    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
