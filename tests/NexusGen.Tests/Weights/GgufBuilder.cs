using System.Text;

namespace NexusGen.Tests.Weights;

/// <summary>Writes GGUF files by hand, right ones and wrong ones.</summary>
internal sealed class GgufBuilder
{
    private readonly List<(string Name, ulong[] Sides, uint Type, byte[] Data, ulong? Offset)> _tensors = [];
    private readonly List<byte[]> _pairs = [];

    public uint Version { get; set; } = 3;

    public ulong? ClaimedTensors { get; set; }

    public ulong? ClaimedPairs { get; set; }

    public int Alignment { get; set; } = 32;

    public GgufBuilder Text(string key, string value) => Pair(key, 8, [.. Sized(value)]);

    public GgufBuilder Number(string key, uint value) => Pair(key, 4, BitConverter.GetBytes(value));

    /// <summary>Adds a pair with raw bytes as its value.</summary>
    public GgufBuilder Pair(string key, uint type, byte[] value)
    {
        _pairs.Add([.. Sized(key), .. BitConverter.GetBytes(type), .. value]);
        return this;
    }

    /// <summary>Adds a tensor; the sides have the columns first.</summary>
    public GgufBuilder Tensor(string name, ulong[] sides, uint type, byte[] data, ulong? offset = null)
    {
        _tensors.Add((name, sides, type, data, offset));
        return this;
    }

    public GgufBuilder Floats(string name, params float[] values) =>
        Tensor(name, [(ulong)values.Length], 0, [.. values.SelectMany(BitConverter.GetBytes)]);

    public byte[] Build()
    {
        List<byte> file =
        [
            .. "GGUF"u8,
            .. BitConverter.GetBytes(Version),
            .. BitConverter.GetBytes(ClaimedTensors ?? (ulong)_tensors.Count),
            .. BitConverter.GetBytes(ClaimedPairs ?? (ulong)_pairs.Count),
            .. _pairs.SelectMany(pair => pair),
        ];
        ulong next = 0;
        foreach ((string name, ulong[] sides, uint type, byte[] data, ulong? offset) in _tensors)
        {
            file.AddRange(Sized(name));
            file.AddRange(BitConverter.GetBytes(sides.Length));
            file.AddRange(sides.SelectMany(BitConverter.GetBytes));
            file.AddRange(BitConverter.GetBytes(type));
            file.AddRange(BitConverter.GetBytes(offset ?? next));
            next += (ulong)((data.Length + Alignment - 1) / Alignment * Alignment);
        }

        foreach (byte[] data in _tensors.Select(tensor => tensor.Data))
        {
            Pad(file);
            file.AddRange(data);
        }

        Pad(file);
        return [.. file];
    }

    private static IEnumerable<byte> Sized(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes];
    }

    private void Pad(List<byte> file)
    {
        while (file.Count % Alignment != 0)
        {
            file.Add(0);
        }
    }
}
