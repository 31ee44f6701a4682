using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Model;

namespace NexusGen.Cli.Ablation;

/// <summary>Copies of a model that are trained and measured, each in a folder of its own.</summary>
internal static class AblationModels
{
    /// <summary>Copies a model.</summary>
    /// <param name="from">The model.</param>
    /// <param name="to">The new folder; what lies there is overwritten.</param>
    /// <param name="plain">Whether the copy draws by plain autoregression.</param>
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
            JsonObject sizes = JsonNode.Parse(File.ReadAllText(configuration))!.AsObject();
            sizes["plain_autoregression"] = true;
            File.WriteAllText(configuration, sizes.ToJsonString(JsonText.Indented));
        }
    }
}
