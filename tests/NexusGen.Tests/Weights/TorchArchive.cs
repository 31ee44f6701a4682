using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

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

    /// <summary>Writes a state dictionary of float32 or bfloat16 tensors.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        PickleBuilder pickle = new PickleBuilder().Op('}').Op('(');
        List<(string, byte[])> storages = [];
        foreach ((string name, Tensor value) in tensors)
        {
            string key = storages.Count.ToString(CultureInfo.InvariantCulture);
            Tensor whole = value.contiguous();
            string type = whole.dtype == ScalarType.BFloat16 ? "BFloat16Storage" : "FloatStorage";
            pickle.Text(name).Tensor(type, key, whole.numel(), 0, whole.shape, whole.stride());
            storages.Add((key, whole.bytes.ToArray()));
        }

        Write(path, pickle.Op('u').Stop(), [.. storages]);
    }

    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
