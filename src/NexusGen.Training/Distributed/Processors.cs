namespace NexusGen.Training.Distributed;

/// <summary>The processors of this machine.</summary>
internal static class Processors
{
    /// <summary>
    /// Gets the number of processors, including those that a launcher doesn't let this process use, if the system tells it.
    /// </summary>
    public static int Online
    {
        get
        {
            const string path = "/sys/devices/system/cpu/online";
            try
            {
                // "0-7,16": ranges and single numbers.
                return File.ReadAllText(path).Split(',').Select(range => range.Split('-'))
                    .Sum(range => int.Parse(range[^1], System.Globalization.CultureInfo.InvariantCulture)
                        - int.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture) + 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                return Environment.ProcessorCount;
            }
        }
    }
}
