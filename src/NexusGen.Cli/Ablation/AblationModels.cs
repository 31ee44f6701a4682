using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Cli.Ablation;

/// <summary>Creates the copies of a model that are trained and measured, each in its own folder.</summary>
internal static class AblationModels
{
    /// <summary>Copies a model to another folder.</summary>
    /// <param name="from">The model to copy.</param>
    /// <param name="to">The new folder. Existing files of the same names are overwritten.</param>
    /// <param name="plain">Whether the configuration of the copy selects plain autoregression.</param>
    public static void Copy(ModelPaths from, string to, bool plain = false)
    {
        foreach (string file in Directory.GetFiles(from.Root, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }

        if (plain)
        {
            string configuration = ModelPaths.Find(to).Configuration;
            JsonObject sizes = JsonNode.Parse(TextFile.Read(configuration))!.AsObject();
            sizes["plain_autoregression"] = true;
            File.WriteAllText(configuration, sizes.ToJsonString(JsonText.Indented));
        }
    }
}
