using System.Text;
using System.Text.Json;

namespace NexusGen.BrowserTests;

/// <summary>A folder of LoRAs for the model that ships, which is deleted when it is disposed.</summary>
internal sealed class LoraFiles : IDisposable
{
    // The width of the model's decoders.
    private const int Width = 256, Rank = 2;

    public string Folder { get; } = Directory.CreateTempSubdirectory("nexusgen-loras").FullName;

    /// <summary>Writes a LoRA of random numbers.</summary>
    /// <param name="name">The name, which becomes the file's.</param>
    /// <param name="seed">The seed of the numbers.</param>
    public void Write(string name, int seed)
    {
        const string Layer = "diffusion_model.double_blocks.0.img_attn.proj";
        const int Bytes = Rank * Width * sizeof(float);
        var header = new Dictionary<string, object>
        {
            [$"{Layer}.lora_A.weight"] = Tensor(Rank, Width, 0, Bytes),
            [$"{Layer}.lora_B.weight"] = Tensor(Width, Rank, Bytes, 2 * Bytes),
        };
        byte[] text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        using var file = new BinaryWriter(File.Create(Path.Combine(Folder, name + ".safetensors")));
        file.Write((long)text.Length);
        file.Write(text);
        var random = new Random(seed);
        for (int i = 0; i < 2 * Rank * Width; i++)
        {
            file.Write((float)(random.NextDouble() - 0.5));
        }
    }

    /// <summary>Deletes a LoRA.</summary>
    public void Delete(string name) => File.Delete(Path.Combine(Folder, name + ".safetensors"));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static object Tensor(int rows, int columns, int begin, int end) =>
        new { dtype = "F32", shape = new[] { rows, columns }, data_offsets = new[] { begin, end } };
}
