using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Weights.Files.Safetensors;

namespace NexusGen.Verification;

/// <summary>Writes the results of cases: <c>tensors.safetensors</c>, the images, <c>output.json</c>.</summary>
internal static class CaseOutputWriter
{
    /// <summary>Writes the results of one case to <c>folder/KIND/NAME/</c>.</summary>
    public static void Write(string folder, ReferenceCase reference, CaseOutput output)
    {
        string target = Path.Combine(folder, reference.Kind, reference.Name);
        Directory.CreateDirectory(target);
        JsonObject values = output.Values.DeepClone().AsObject();
        if (output.Refusal is { } refusal)
        {
            values["refused"] = true;
            values["message"] = refusal;
        }

        foreach ((string name, RgbImage picture) in output.Images)
        {
            string file = $"{CaseFiles.OutputPrefix}{name}.png";
            ImageFile.Write(Path.Combine(target, file), picture);
            values[name] = file;
        }

        if (output.Tensors.Count > 0)
        {
            SafetensorsWriter.Write(
                Path.Combine(target, CaseFiles.Tensors),
                output.Tensors.Select(pair => (CaseFiles.OutputPrefix + pair.Key, pair.Value)));
        }

        File.WriteAllText(Path.Combine(target, CaseFiles.OutputValues), values.ToJsonString(CaseFiles.Readable) + "\n");
    }
}
